// Package lanes keeps events in Redis between the platform's acknowledgement and
// the business's: recognised when they come again, in order, each lane in the
// hands of one node at a time.
//
// A lane is a list; its head's state is a hash; a sorted set of its endpoint and
// shard says when the lane is due, or when the lease on it ends. Every change is
// one script in one slot, so that whatever fails in between fails whole.
// redis/KEYS.md has the keys.
package lanes

import (
	"sync/atomic"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/element"
	"bauta/webhook"
)

const (
	// epochLength is how long one dedupe set is written to; it is read for two.
	// The platform sends again for 7 days.
	epochLength = 7 * 24 * time.Hour
	seenLife    = 2 * epochLength
	// seenParts spreads the ids of a conversation of many people, because a set
	// stays compact only up to some hundreds.
	seenParts = 16
)

// Options of Lanes. Store and Keys are needed.
type Options struct {
	Store *redis.Store
	Keys  element.Keys
	// Lease is for how long an idle lane is leased to this node when an event is
	// appended to it: the endpoint's timeout and a margin. 0, or no function: it
	// is not leased but due, and the nodes that deliver are told.
	Lease func(e webhook.EndpointKey) time.Duration
	// DeadLetter is how long dead letters are kept, by business; 0, or no function, is
	// unlimited.
	DeadLetter func(business string) time.Duration
	// Shown is how long it is kept which endpoints got a number, by business, where nobody
	// begins the period anew; 0, or no function, is unlimited.
	Shown func(business string) time.Duration
	// Now is the clock for stamps and monotonic deadlines; time.Now if nil.
	Now func() time.Time
}

// Lanes implements webhook.Queue, and forward's Lanes and Wakes. Safe for
// concurrent use, on any number of nodes.
type Lanes struct {
	store   *redis.Store
	names   redis.Keys
	keys    element.Keys
	options Options
	scripts scripts
	lost    lost
	// next is the shard where the next call of Due begins.
	next atomic.Int64
}

// New builds Lanes.
func New(o Options) *Lanes {
	none := func(string) time.Duration { return 0 }
	if o.Lease == nil {
		o.Lease = func(webhook.EndpointKey) time.Duration { return 0 }
	}
	if o.DeadLetter == nil {
		o.DeadLetter = none
	}
	if o.Shown == nil {
		o.Shown = none
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Lanes{store: o.Store, names: o.Store.Keys(), keys: o.Keys, options: o, scripts: newScripts()}
}

// Seen names the three dedupe sets in which an event is looked for: that of this
// epoch, which is written to, the last one, and the next, to which a node whose
// clock is ahead may have written. All lie in the conversation's shard.
func Seen(k redis.Keys, business string, c webhook.Conversation, dedupe uint64, at time.Time) [3]string {
	epoch := at.Unix() / int64(epochLength/time.Second)
	name := func(epoch int64) string {
		if many(c) {
			return k.SeenPart(business, c, epoch, int(dedupe%seenParts))
		}
		return k.Seen(business, c, epoch)
	}
	return [3]string{name(epoch), name(epoch - 1), name(epoch + 1)}
}

// SeenLife is how long a dedupe set lives from its first id.
func SeenLife() time.Duration { return seenLife }

// many tells conversations of groups and accounts from a customer's.
func many(c webhook.Conversation) bool {
	return len(c) > 1 && c[1] == ':' && (c[0] == 'g' || c[0] == 'w')
}
