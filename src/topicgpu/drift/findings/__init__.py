"""What a reader is told: findings in plain sentences, with their evidence, and what stays open."""
