package forward

import (
	"errors"
	"sync/atomic"
	"time"
)

// What Working says. Stuck goes by when the store is back; dead does not.
var (
	ErrStuck = errors.New("due lanes could not be listed: the store does not let deliveries go on")
	ErrDead  = errors.New("the sweep for due lanes does not come round any more: restart")
)

// round bounds a sweep, so that a store that hangs in the middle of it holds up no
// endpoint for longer; stillFor is how long no sweep may end before it counts as dead.
const (
	round    = 2 * storeTime
	stillFor = 2 * round
)

// pulse is when a loop last came round, and whether it got done what it is for. Safe
// for concurrent use.
type pulse struct {
	last   atomic.Int64 // ns of the forwarder's clock, 0: never
	failed atomic.Bool
}

func (p *pulse) beat(now time.Time, err error) {
	p.failed.Store(err != nil)
	p.last.Store(now.UnixNano())
}

// Working tells whether deliveries go on: nil, ErrStuck or ErrDead. It asks nobody.
func (f *Forwarder) Working() error {
	last := f.pulse.last.Load()
	switch {
	case last != 0 && f.now().Sub(time.Unix(0, last)) > f.every+stillFor:
		return ErrDead
	case f.pulse.failed.Load():
		return ErrStuck
	}
	return nil
}
