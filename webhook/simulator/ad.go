package simulator

// AdNode is an ad as the Marketing API has it (webhooks.md 7).
type AdNode struct {
	ID, Name, Account, Campaign, AdSet string
	// Destination is the ad set's destination_type, such as WHATSAPP.
	Destination string
	// Status is the effective_status, such as ACTIVE.
	Status string
}

// ad answers the look-up of an ad, and for every other object that there is none.
func (g *Graph) ad(c *call) reply {
	for _, a := range g.o.Ads {
		if a.ID != c.object || c.method != "GET" || c.edge != "" {
			continue
		}
		return ok(c.chosen(Part{
			{"id", a.ID},
			{"name", a.Name},
			{"account_id", a.Account},
			{"campaign_id", a.Campaign},
			{"adset_id", a.AdSet},
			{"status", a.Status},
			{"effective_status", a.Status},
			{"adset", Part{{"destination_type", a.Destination}, {"id", a.AdSet}}},
			{"campaign", Part{{"id", a.Campaign}}},
		}))
	}
	if digitsOf(c.object) == c.object {
		return g.noObject()
	}
	return g.noPath()
}
