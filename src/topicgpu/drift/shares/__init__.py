"""How much: shares of sources, periods and speakers, each with its interval."""
