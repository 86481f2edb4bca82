"""Personal data: found by pattern and checksum while importing, and replaced by keyed tokens before it is stored."""
