package playground

import (
	"slices"
	"strings"
	"time"

	"bauta/webhook/pages"
)

// region is a part of the page that changes by itself. Its fragment is drawn with what
// draw returns, which is compared with what it returned before: it must not hold anything
// that changes by itself.
type region struct {
	// name is the fragment and, behind "r-", the element's id.
	name string
	// number: it may show a number, and comes by the customer's stream.
	number bool
	draw   func(s *Show) any
}

func regions() []region {
	return []region{
		{"people", true, func(s *Show) any { return s.peopleView() }},
		{"chat", true, func(s *Show) any { return s.chatView() }},
		{"composer", true, func(s *Show) any { return s.composerView() }},
		{"platform", true, func(s *Show) any { return s.sideView(true) }},
		{"inspector", true, func(s *Show) any { return inspect(s.inspected) }},
		{"heard", true, func(s *Show) any { return s.heard() }},
		{"received", false, func(s *Show) any { return s.received() }},
		{"guide", false, func(s *Show) any { return s.guide() }},
		{"events", false, func(s *Show) any { return s.eventsView() }},
		{"verdict", false, func(s *Show) any { return s.verdictView() }},
		{"threads", false, func(s *Show) any { return s.inboxView() }},
		{"thread", false, func(s *Show) any { return s.inboxView() }},
		{"business", false, func(s *Show) any { return s.sideView(false) }},
		{"shapes", false, func(s *Show) any { return s.manner.Shape }},
	}
}

// scenery is everything that the page shows, by region.
func (s *Show) scenery() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]any{}
	for _, r := range regions() {
		out[r.name] = r.draw(s)
	}
	return out
}

type personView struct {
	Entry, Name, Number, Username, Icon string
	Current, Wrote                      bool
}

func (s *Show) peopleView() []personView {
	icons := map[string]string{byAd: "megaphone", byJobAd: "card", byPost: "document", byChat: "chat", byGroup: "people"}
	out := make([]personView, len(s.people))
	for i, p := range s.people {
		out[i] = personView{
			Entry: p.entry, Name: p.now.Name, Number: spaced(p.now.Number), Username: p.now.Username, Icon: icons[p.entry],
			Current: i == s.who, Wrote: len(p.sent) > 0,
		}
	}
	return out
}

// spaced is a number as a phone shows it.
func spaced(number string) string {
	if number == "" {
		return ""
	}
	if len(number) != len("16505550142") {
		return "+" + number
	}
	return "+" + number[:1] + " " + number[1:4] + " " + number[4:7] + " " + number[7:]
}

type bubbleView struct {
	// Mine: the person of the phone wrote it. Kind as said.kind has it.
	Mine       bool
	Kind, Text string
	At         time.Time
	Quote      string
	Buttons    []buttonView
}

type buttonView struct {
	Message, Button int
	Title           string
}

type chatView struct {
	Name, Entry, Business, Number string
	// Ad: they tapped one, or a post.
	Ad      bool
	Bubbles []bubbleView
}

func (s *Show) chatView() chatView {
	p := s.chosen()
	out := chatView{Name: p.now.Name, Entry: p.entry, Business: businessName, Number: spaced(p.now.Number)}
	out.Ad = p.ad != nil
	for _, m := range p.sent {
		out.Bubbles = append(out.Bubbles, bubbleView{Mine: true, Kind: m.kind, Text: m.text, At: m.at})
	}
	if s.graph == nil {
		return out
	}
	got := s.graph.Phone(p.now)
	for i := max(0, len(got)-mostMessages); i < len(got); i++ {
		m := got[i]
		b := bubbleView{Kind: m.Type, Text: m.Text, At: m.At}
		if m.Quoted != nil {
			b.Quote = m.Quoted.Text
		}
		for j, button := range m.Buttons {
			b.Buttons = append(b.Buttons, buttonView{Message: i, Button: j, Title: button.Title})
		}
		out.Bubbles = append(out.Bubbles, b)
	}
	slices.SortStableFunc(out.Bubbles, func(a, b bubbleView) int { return a.At.Compare(b.At) })
	return out
}

// heard is the newest message that reached the phone, for who listens to the page.
func (s *Show) heard() string {
	if s.graph == nil {
		return ""
	}
	got := s.graph.Phone(s.chosen().now)
	if len(got) == 0 {
		return ""
	}
	return got[len(got)-1].Text
}

type composerView struct {
	Name, Entry string
	// Wrote: the chat has begun, so that the number can change. Named: there is a username.
	Wrote, Named bool
}

func (s *Show) composerView() composerView {
	p := s.chosen()
	return composerView{Name: p.now.Name, Entry: p.entry, Wrote: len(p.sent) > 0, Named: p.now.Username != ""}
}

// sideView is a step on one side: the platform's, or the business's.
type side struct {
	ID, Way string
	Body    string
	Marks   map[string]pages.Mark
	Curl    string
	// Same: both sides are the same.
	Same bool
	// Shown: a number that is not hidden may be on it.
	Shown bool
	// Call: all that the business did is the call of Curl.
	Call bool
}

func (s *Show) sideView(platform bool) side {
	n := s.step(s.front)
	if n == nil {
		return side{}
	}
	m := differ(n.platform, n.business)
	both := n.platform != nil && n.business != nil
	out := side{ID: n.id, Way: n.way, Same: both && m.none(), Shown: !n.masked()}
	if platform {
		out.Body, out.Marks = string(n.platform), m.platform
		if n.way == wayIn || n.way == wayStays {
			out.Curl = n.post.curl()
		}
		return out
	}
	out.Body, out.Marks = string(n.business), m.business
	if n.way == wayOut || n.way == wayOwn {
		out.Curl = n.post.curl()
	}
	out.Call = n.way == wayOwn && out.Curl != ""
	return out
}

type eventView struct {
	ID, Way, Kind, Sort, Visibility, Who string
	At                                   time.Time
	Current, Quiet, Held                 bool
	Again, Status                        int
}

func (s *Show) eventsView() []eventView {
	out := make([]eventView, 0, len(s.steps))
	for _, n := range slices.Backward(s.steps) {
		v := eventView{
			ID: n.id, Way: n.way, Kind: n.kind, Sort: n.sort, Visibility: n.explained.Visibility, At: n.at,
			Current: n.id == s.front, Quiet: n.quiet(), Held: n.explained.Held != "", Again: n.again, Status: n.status,
		}
		out = append(out, v)
	}
	return out
}

type verdictView struct {
	eventView
	Rule, Reason, Handle, Group string
	// Places are where something was masked, without what stands before all of them.
	Places, Positions []string
	HeldFor           string
	Masked            bool
	// There is something at all; Both sides are there.
	There, Both, Same bool
}

func (s *Show) verdictView() verdictView {
	n := s.step(s.front)
	if n == nil {
		return verdictView{}
	}
	x := n.explained
	out := verdictView{
		There: true, Rule: x.Rule, Reason: x.Reason, Handle: x.Handle, Group: x.Group, HeldFor: x.Held, Positions: x.Positions,
		Masked: n.masked(), Both: n.platform != nil && n.business != nil, Same: differ(n.platform, n.business).none(),
	}
	out.eventView = eventView{
		ID: n.id, Way: n.way, Kind: n.kind, Sort: n.sort, Visibility: x.Visibility, At: n.at, Held: x.Held != "", Again: n.again, Status: n.status,
	}
	if n.way == wayStays {
		out.Reason = n.reason
	}
	for _, p := range x.Places {
		out.Places = append(out.Places, strings.TrimPrefix(strings.TrimPrefix(p, "$."), "entry[0].changes[0].value."))
	}
	return out
}

type inboxView struct {
	Threads []threadView
	Open    *threadView
}

// received is the newest message in the inbox, for who listens to the page.
func (s *Show) received() receivedView {
	t := s.inbox.shown()
	if t == nil {
		return receivedView{}
	}
	for _, m := range slices.Backward(t.messages) {
		if !m.mine && m.text != "" {
			return receivedView{Name: t.name, Text: m.text, Shown: t.visibility == "visible" || t.visibility == "shared"}
		}
	}
	return receivedView{}
}

// receivedView: Shown tells that a number may be in it that is not hidden.
type receivedView struct {
	Name, Text string
	Shown      bool
}

type threadView struct {
	At                 int
	Name, Short, Key   string
	Number, Visibility string
	Group, Current     bool
	// Hidden: the CRM does not have the number, and can ask for it.
	Hidden, CanAsk bool
	Messages       []crmMessageView
}

type crmMessageView struct {
	Text, Note, Status string
	Mine               bool
	At                 time.Time
}

func (s *Show) inboxView() inboxView {
	var out inboxView
	for i, t := range s.inbox.threads {
		v := threadView{At: i, Name: t.name, Key: t.key, Number: spaced(t.number), Visibility: t.visibility, Group: t.group, Current: i == s.inbox.open}
		v.Short, _, _ = strings.Cut(t.name, " ")
		if t.group {
			v.Key = t.member
		}
		v.Hidden = t.visibility != "visible" && t.visibility != "shared"
		v.CanAsk = v.Hidden && t.handle != ""
		for _, m := range t.messages {
			v.Messages = append(v.Messages, crmMessageView{Text: m.text, Note: m.note, Status: m.status, Mine: m.mine, At: m.at})
		}
		if v.Current {
			open := v
			out.Open = &open
		}
		v.Messages = nil
		out.Threads = append(out.Threads, v)
	}
	return out
}
