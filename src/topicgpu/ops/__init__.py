"""Operations that stages share: each checks its inputs, chooses an implementation and calls it."""
