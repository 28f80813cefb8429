"""The trainings themselves: what each builds, and what one step of it does."""
