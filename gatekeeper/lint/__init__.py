"""What a policy can be blamed for without any evidence: findings with an id, a severity, a place and a remedy."""
