package operate

import (
	"context"
	"fmt"
	"time"

	"bauta/webhook"
)

// Loaded is the configuration that is in force at this node.
type Loaded struct {
	// File it was read from, At when.
	File string
	At   time.Time
	// Settings in the order of the reference.
	Settings []Setting
	// Warnings are what works and is probably not meant.
	Warnings []string
}

// Setting is one value of the configuration.
type Setting struct {
	// Key such as businesses[0].hiding.default.
	Key string
	// Value as it would be written; a secret reads [secret], and of an endpoint's URL only
	// scheme and host are shown.
	Value string
	// Line of the file, 0 where it stands nowhere in it: it is the default.
	Line int
	// Meaning as the reference has it.
	Meaning string
}

// Settings tells which configuration is in force.
type Settings interface {
	Loaded() Loaded
}

// Outcome is what became of a reload.
type Outcome struct {
	// Changed: what can be seen of it differs from before; secrets cannot. Without Faults it
	// is in force now.
	Changed bool
	At      time.Time
	// Faults are why the old one stays; each says where and what to do.
	Faults []string
}

// Reloader reads the configuration anew: valid, it is in force at once; invalid, the old
// one stays (Faults, and no error). An error: it could not be tried.
type Reloader interface {
	Reload(ctx context.Context) (Outcome, error)
}

// Configuration tells what is loaded: only to who sees all businesses. ErrUnknown: this
// process does not tell.
func (d *Desk) Configuration(a Actor) (Loaded, error) {
	if !a.All() {
		return Loaded{}, ErrNotYours
	}
	if d.Settings == nil {
		return Loaded{}, ErrUnknown
	}
	return d.Settings.Loaded(), nil
}

// Reload reads the configuration anew. ErrUnknown: this process cannot.
func (d *Desk) Reload(ctx context.Context, a Actor) (Outcome, error) {
	if !a.All() {
		return Outcome{}, ErrNotYours
	}
	if d.Reloader == nil {
		return Outcome{}, ErrUnknown
	}
	var out Outcome
	err := d.act(ctx, a, &Action{Business: webhook.AllBusinesses, What: ActReload, On: "configuration"}, func(ctx context.Context) (outcome string, err error) {
		out, err = d.Reloader.Reload(ctx)
		if err != nil {
			return Failed, fmt.Errorf("reload: %w", err)
		}
		if len(out.Faults) > 0 {
			return Refused, nil
		}
		return Done, nil
	})
	return out, err
}
