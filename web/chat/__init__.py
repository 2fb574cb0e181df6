"""The resident's side: the chat page, the conversation API and Rasa's REST channel shape."""
