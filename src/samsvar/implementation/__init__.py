"""From a finding to a change: plans, measures, evidence, figures, duties, drafts and asks."""
