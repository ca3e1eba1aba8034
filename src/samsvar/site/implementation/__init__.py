"""Implementation app: what a state does about findings: plans, measures, answers, evidence, and what follows."""
