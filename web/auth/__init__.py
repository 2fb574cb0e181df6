"""Who staff are and what they may: signing in, sessions, roles, forged requests, the county's directory."""
