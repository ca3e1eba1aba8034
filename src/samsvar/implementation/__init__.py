"""What states do about findings: plans, measures, evidence, figures, duties and the drafts of reports back."""
