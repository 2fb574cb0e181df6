"""What admins change: topics, examples, answers and models. Kept as drafts with history, published when ready."""
