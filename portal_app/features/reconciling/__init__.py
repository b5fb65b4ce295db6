"""The books held against what the processor and the bank say, to the cent."""
