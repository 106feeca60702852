"""What is said wherever a person reads a result."""

NOT_A_DEVICE = "Research software, not a medical device"

DISCLAIMER = f"{NOT_A_DEVICE}: no result may guide the care of a patient."

DEMONSTRATION_WEIGHTS = "Demonstration weights, phantom data"

DEMONSTRATION_NOTE = f"{DEMONSTRATION_WEIGHTS}: these numbers say nothing about a patient."
