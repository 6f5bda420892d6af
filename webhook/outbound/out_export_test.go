package outbound

// Addressed is whom a call names, as Back reads it.
type Addressed struct {
	Sent, Told, Customer, Scope string
	Raw                         bool
}

// Addressed shows it to tests.
func (o *Outgoing) Addressed() []Addressed {
	var all []Addressed
	for _, a := range o.addressed {
		shown := Addressed{
			Sent: a.sent, Told: a.told.Number.Reveal() + a.told.UserID.Reveal(), Scope: a.scope, Raw: a.raw,
		}
		if a.customer != nil {
			shown.Customer = a.customer.ID
		}
		all = append(all, shown)
	}
	return all
}

// SealedCursor is what an answer's cursor becomes.
func (t *Translator) SealedCursor(c *Call, cursor string) (string, error) {
	return t.sealCursor(c, cursor)
}
