"""Sessions, rooms, tracks, speakers, published versions, feeds, import and export."""
