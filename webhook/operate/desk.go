package operate

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"bauta/webhook"
)

// Options are what a Desk needs. Everything from Node on may be left out.
type Options struct {
	Businesses Businesses
	// Apps returns the ids of the apps of now: what names no business is held for them.
	Apps      func() []string
	Counts    Counts
	Pauses    Pauses
	Held      Held
	Releaser  Releaser
	Letters   Letters
	Journal   Journal
	Tokens    Tokens
	Handles   Handles
	Customers Customers
	Lanes     Lanes
	Trials    Trials
	Jobs      Jobs
	Shifts    Shifts
	Figures   Figures
	PRF       webhook.PRF
	Logger    *slog.Logger
	Now       func() time.Time

	// Node tells of this very process; nil where none delivers.
	Node Node
	// Recent are the attempts of this process; nil where none delivers.
	Recent *Recent
	// Latency of acknowledgements of this process; nil where none receives.
	Latency Latency
	// Settings and Reloader are about the configuration of this process.
	Settings Settings
	Reloader Reloader
}

// Desk is where an operator sits. Safe for concurrent use.
type Desk struct {
	Options

	hours *hours
}

// New checks the options, every fault at once.
func New(o Options) (*Desk, error) {
	var faults []error
	for _, need := range []struct {
		name string
		has  bool
	}{
		{"Businesses", o.Businesses != nil},
		{"Counts", o.Counts != nil},
		{"Pauses", o.Pauses != nil},
		{"Held", o.Held != nil},
		{"Releaser", o.Releaser != nil},
		{"Letters", o.Letters != nil},
		{"Journal", o.Journal != nil},
		{"Tokens", o.Tokens != nil},
		{"Handles", o.Handles != nil},
		{"Customers", o.Customers != nil},
		{"Lanes", o.Lanes != nil},
		{"Trials", o.Trials != nil},
		{"Jobs", o.Jobs != nil},
		{"Shifts", o.Shifts != nil},
		{"Figures", o.Figures != nil},
		{"PRF", o.PRF != nil},
		{"Logger", o.Logger != nil},
		{"Now", o.Now != nil},
	} {
		if !need.has {
			faults = append(faults, fmt.Errorf("operate.New: Options.%s is missing", need.name))
		}
	}
	return &Desk{Options: o, hours: newHours()}, errors.Join(faults...)
}

// Holders are under whose names an actor can see held events and balances: businesses,
// and for who sees all the apps for bodies that name none.
func (d *Desk) Holders(a Actor) []string {
	var ids []string
	for _, b := range d.Businesses.All() {
		ids = append(ids, b.ID)
	}
	for _, app := range d.apps() {
		ids = append(ids, webhook.AppBusiness(app))
	}
	return slices.DeleteFunc(ids, func(id string) bool { return !a.sees(id) })
}

// holders are those that are asked for: one, or for "" all that the actor sees.
func (d *Desk) holders(a Actor, business string) ([]string, error) {
	all := d.Holders(a)
	if business == "" {
		return all, nil
	}
	if !slices.Contains(all, business) {
		return nil, ErrUnknown
	}
	return []string{business}, nil
}

// businesses are those that are asked for, as holders, without the apps.
func (d *Desk) businesses(a Actor, business string) ([]*webhook.Business, error) {
	ids, err := d.holders(a, business)
	var out []*webhook.Business
	for _, id := range ids {
		if b := d.Businesses.ByID(id); b != nil {
			out = append(out, b)
		}
	}
	if err == nil && business != "" && len(out) == 0 {
		err = ErrUnknown
	}
	return out, err
}

// endpoint finds one of the actor's, the platform's included.
func (d *Desk) endpoint(a Actor, key webhook.EndpointKey) (*webhook.Endpoint, error) {
	found, err := d.businesses(a, key.Business)
	if err != nil || key.Business == "" {
		return nil, ErrUnknown
	}
	for i := range found[0].Endpoints {
		if e := &found[0].Endpoints[i]; e.ID == key.Endpoint {
			return e, nil
		}
	}
	return nil, ErrUnknown
}

// invalid says what cannot be asked for, and what to write instead: a constant text.
func invalid(what string) error {
	return fmt.Errorf("%w: %s", ErrInvalid, strings.TrimSuffix(what, "."))
}

func (d *Desk) apps() []string {
	if d.Apps == nil {
		return nil
	}
	return d.Apps()
}
