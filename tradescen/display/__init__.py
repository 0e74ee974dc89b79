"""What a person sees: tables as text."""
