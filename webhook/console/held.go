package console

import (
	"net/url"
	"strconv"
	"strings"

	"bauta/webhook/operate"
)

// fewEvents is how many events a page lists.
const fewEvents = 25

// heldView is the page of held events.
type heldView struct {
	Groups []heldGroup
}

// heldGroup are the held events of one business, or of an app's own name.
type heldGroup struct {
	Holder string
	// App of which that is the own name, "" for a business.
	App  string
	List []operate.HeldEvent
	// Next is the cursor of what follows, "" at the end.
	Next string
}

// sureView asks whether somebody is sure.
type sureView struct {
	// Key of the messages sure.KEY.*, Action where the form goes, relative to Base.
	Key, Action string
	N           int
	Tone        string
	// Fields are sent again.
	Fields url.Values
	// Back is where the way out leads, relative to Base.
	Back string
}

func (c *Console) held(v *visit) error {
	after := v.r.URL.Query().Get("after")
	out := &heldView{}
	holders := []string{c.chosen(v)}
	if holders[0] == "" {
		holders, after = c.Desk.Holders(v.actor), ""
	}
	for _, h := range holders {
		found, next, err := c.Desk.HeldEvents(v.ctx(), v.actor, h, operate.Page{After: after, Limit: fewEvents})
		if err != nil {
			return err
		}
		if len(found) > 0 || next != "" {
			out.Groups = append(out.Groups, heldGroup{Holder: h, App: holderOf(h).App, List: found, Next: next})
		}
	}
	return c.render(v, "held", 0, out)
}

// pick is an event that was ticked: the box says BUSINESS/ID.
type pick struct{ business, id string }

func picked(v *visit) []pick {
	var out []pick
	for _, box := range v.posted()["id"] {
		business, id, _ := strings.Cut(box, "/")
		out = append(out, pick{business, id})
	}
	return out
}

// sure asks before something is done that cannot be undone, with the form's fields;
// false: it was asked now.
func (c *Console) sure(v *visit, ask sureView) (bool, error) {
	if v.posted().Get("sure") == "yes" {
		return true, nil
	}
	ask.Fields = url.Values{}
	for name, values := range v.posted() {
		if name != "form" {
			ask.Fields[name] = values
		}
	}
	return false, c.render(v, "sure", 0, ask)
}

// release runs the ticked events through masking and the leak check once more.
func (c *Console) release(v *visit) error {
	picks := picked(v)
	counts := map[operate.Release]int{}
	for _, p := range picks {
		got, err := c.Desk.ReleaseHeld(v.ctx(), v.actor, p.business, p.id)
		if err != nil {
			return err
		}
		counts[got]++
	}
	more := url.Values{"business": {v.posted().Get("business")}}
	switch {
	case counts[operate.StillHeld] > 0:
		more.Set("n", strconv.Itoa(counts[operate.StillHeld]))
		return v.back("held", "still_held", more)
	case counts[operate.Released] > 0:
		more.Set("n", strconv.Itoa(counts[operate.Released]))
		return v.back("held", "released", more)
	}
	return v.back("held", "gone", more)
}

// dropHeld deletes the ticked events for good.
func (c *Console) dropHeld(v *visit) error {
	picks := picked(v)
	if len(picks) > 0 {
		if ok, err := c.sure(v, sureView{Key: "drop_held", Action: "held/drop", Tone: "bad", Back: "held", N: len(picks)}); !ok {
			return err
		}
	}
	dropped := 0
	for _, p := range picks {
		ok, err := c.Desk.DropHeld(v.ctx(), v.actor, p.business, p.id)
		if err != nil {
			return err
		}
		if ok {
			dropped++
		}
	}
	more := url.Values{"business": {v.posted().Get("business")}, "n": {strconv.Itoa(dropped)}}
	if dropped == 0 {
		return v.back("held", "gone", more)
	}
	return v.back("held", "dropped", more)
}
