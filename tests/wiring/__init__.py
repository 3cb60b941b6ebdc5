"""What users type, brought to the values that the use cases take."""
