package playground

import (
	"time"

	"bauta/webhook/simulator"
)

// The ways in which a customer comes in; each is a person.
const (
	byAd    = "ad"
	byJobAd = "jobs"
	byPost  = "post"
	byChat  = "chat"
	byGroup = "group"
)

// person is a customer with their phone.
type person struct {
	// entry is how they come in.
	entry string
	now   simulator.Person
	// ad is what they tapped, without its words; nil if nothing.
	ad    *simulator.Ad
	group string
	// next is the number that they change to, and then back.
	next string
	// joined: they are in their group.
	joined bool
	sent   []said
}

// said is a message of the person's own. Kind is text, card, tap or note.
type said struct {
	kind, text string
	at         time.Time
}

// business is whom everybody writes to.
func business() simulator.Business {
	return simulator.Business{WABA: "102290129340398", PhoneNumberID: "106540352242922", Number: "15550783881"}
}

// businessName is what a phone shows of it.
const businessName = "Lucky Shrub"

const (
	eligibleAd = "120226305854810726"
	jobAd      = "120226305854810799"
)

// people are everybody of the show, with fictional numbers. The first came by an ad.
func people(scene Scene) []*person {
	who := func(number, user, name string) simulator.Person {
		return simulator.Person{Number: number, UserID: user, Name: name}
	}
	return []*person{
		{
			entry: byAd, now: who("16505550142", "US.7430000000000001", "Ada Rossi"), next: "16505550143",
			ad: &simulator.Ad{Type: "ad", ID: eligibleAd, ClickID: "Aff-abc123"},
		},
		{
			entry: byJobAd, now: who("16505550177", "US.7430000000000002", "Ben Kaya"), next: "16505550178",
			ad: &simulator.Ad{Type: "ad", ID: jobAd, ClickID: "Aff-def456"},
		},
		{
			entry: byPost, now: who("16505550191", "US.7430000000000003", "Clara Neri"), next: "16505550192",
			ad: &simulator.Ad{Type: "post", ID: "1063552998134"},
		},
		{
			entry: byChat, now: who("16505550163", "US.7430000000000004", "Dario Blu"), next: "16505550164",
		},
		{
			entry: byGroup, now: who("16505550158", "US.7430000000000005", "Elif Demir"), next: "16505550159", group: scene.Group,
		},
	}
}

// ads are what the Marketing API says of them: rules ask for the campaign.
func ads(scene Scene) []simulator.AdNode {
	return []simulator.AdNode{
		{ID: eligibleAd, Name: "Succulents", Account: "1001", Campaign: "7001", AdSet: "8001", Destination: "WHATSAPP", Status: "ACTIVE"},
		{ID: jobAd, Name: "Jobs", Account: "1001", Campaign: scene.Campaign, AdSet: "8002", Destination: "WHATSAPP", Status: "ACTIVE"},
	}
}

// message puts what makes the person's way in into a message.
func (s *Show) message(p *person, m simulator.Message) simulator.Message {
	m.From, m.Group = p.now, p.group
	if len(p.sent) == 0 && p.ad != nil {
		ad := *p.ad
		ad.Headline, ad.Body = s.words("ad."+p.entry), s.words("ad."+p.entry+".more")
		m.Ad = &ad
	}
	return m
}

// write has the person's own phone show what they did; it keeps the newest.
func (p *person) write(what said) {
	what.at = time.Now()
	p.sent = newest(append(p.sent, what), mostMessages)
}
