package webhook

// Kept is what became of a call that was made under an Idempotency-Key.
type Kept struct {
	// Outcome is what is answered to whoever repeats the call.
	Outcome []byte
	// Customer whom the call was about and whose data key encrypts it, "" for the
	// business's key. Once the customer is erased, nobody can read it.
	Customer string
	Key      DataKey
}
