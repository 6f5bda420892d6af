package e2e

import (
	"cmp"
	"testing"
	"time"

	"bauta/redis/redistest"
)

// fault is one thing that breaks.
type fault struct {
	name string
	// level is the acknowledgement level, redis are the store's settings.
	level string
	redis []string
	// strike breaks it, and mends it before it returns.
	strike func(*storm)
	// doubles is how many events of a lane one strike may deliver twice.
	doubles int
	// repeated says that one event may come more often than twice: it is sent again until
	// an answer comes. Then doubles counts events.
	repeated bool
	// refuses says that webhooks must have been refused meanwhile.
	refuses bool
	// redeliver has the platform send everything three times, and old things again.
	redeliver bool
	// set starts servers that replace each other, in the place of one.
	set func(testing.TB, ...string) *redistest.Set
	// lossy says that the acknowledgement level does not cover the fault: what is lost
	// is counted.
	lossy bool
	// loses says that something must be lost, or the suite could not see it: of what the
	// strike says was exposed (source), or of anything where the fault is lossy.
	loses bool
	// long leaves it to the long form, where it adds nothing but its own row.
	long bool
	// flood is how many times more the busy business gets.
	flood int
	// clock gives the store a clock that the strike moves.
	clock bool
}

func (f fault) acknowledge() string { return cmp.Or(f.level, "memory") }

func faults() []fault {
	aof := []string{"--appendonly", "yes", "--appendfsync", "everysec"}
	always := []string{"--appendonly", "yes", "--appendfsync", "always"}
	rdb := []string{"--save", "3600 1", "--dbfilename", "dump.rdb"}
	return []fault{
		{name: "nothing", strike: func(w *storm) { w.pass(time.Second) }},
		{name: "a node is killed", strike: func(w *storm) { w.crash(0) }, doubles: 1},
		{name: "all nodes are killed", strike: func(w *storm) { w.crash(0, 1) }, doubles: 1, refuses: true},
		{name: "a node leaves, another joins", strike: (*storm).replace},
		{name: "a node stands still for longer than its lease", strike: (*storm).freeze, doubles: 1},
		{name: "Redis is killed, appendfsync everysec", redis: aof, strike: (*storm).loseStore, doubles: 1, refuses: true},
		{name: "Redis is killed, appendfsync always", level: "fsync", redis: always, strike: (*storm).loseStore, doubles: 1, refuses: true},
		{name: "Redis is killed, nothing on disk", strike: (*storm).loseUnsaved, doubles: 1, refuses: true, lossy: true, loses: true},
		{name: "Redis is killed, snapshots only", redis: rdb, strike: (*storm).loseSince, doubles: 1, refuses: true, loses: true},
		{name: "everything is killed", level: "fsync", redis: always, strike: (*storm).loseAll, doubles: 1, refuses: true},
		{name: "Redis stands still", strike: (*storm).freezeStore, doubles: 1},
		{name: "Redis cannot write its disk", redis: rdb, strike: (*storm).fillDisk, doubles: 1, refuses: true},
		{name: "Redis has no memory left", strike: (*storm).fillMemory, doubles: 1, refuses: true},
		{name: "Redis becomes a replica", strike: (*storm).demote, doubles: 1, refuses: true},
		{name: "Redis forgets its scripts", strike: (*storm).forgetScripts},
		{name: "Redis's clock jumps by an hour, both ways", clock: true, strike: (*storm).jump, doubles: 2},
		{name: "Sentinel replaces the master", set: redistest.Sentinel, strike: (*storm).replaceMaster, doubles: 2, refuses: true, lossy: true},
		{name: "Sentinel replaces the master", level: "replica", set: redistest.Sentinel, strike: (*storm).replaceMaster, doubles: 1, refuses: true},
		{name: "two servers take themselves for the master", level: "replica", set: redistest.Pair, strike: (*storm).part, doubles: 1, refuses: true},
		{name: "a cluster replaces a master", set: redistest.Masters, strike: (*storm).replaceMaster, doubles: 2, lossy: true, long: true},
		{name: "a cluster replaces a master", level: "replica", set: redistest.Masters, strike: (*storm).replaceMaster, doubles: 1},
		{name: "a cluster's slots move", set: redistest.Masters, strike: (*storm).reshard, refuses: true},
		{name: "a cluster's slots move", level: "replica", set: redistest.Masters, strike: (*storm).reshard, refuses: true},
		{name: "a cluster's slots move by redis-cli", level: "replica", set: redistest.Masters, strike: (*storm).reshardWith, long: true},
		{name: "connections to Redis are reset", strike: func(w *storm) { w.resets(w.link) }, doubles: 10},
		{name: "requests to Redis are lost", strike: func(w *storm) { w.silence(w.link, hindrance{hold: true}, hindrance{}) }, doubles: 1},
		{name: "answers of Redis are lost", strike: func(w *storm) { w.silence(w.link, hindrance{}, hindrance{hold: true}) }, doubles: 1},
		{name: "the way to Redis is slow and sliced", strike: func(w *storm) {
			w.hindered(w.link, hindrance{delay: 2 * time.Millisecond, slice: 700}, hindrance{delay: time.Millisecond, slice: 300})
		}},
		{name: "the way to Redis is narrow", strike: func(w *storm) { w.hindered(w.link, hindrance{rate: 300_000}, hindrance{rate: 300_000}) }},
		{name: "connections to an endpoint are reset", strike: func(w *storm) { w.resets(w.way) }, doubles: 10},
		{name: "requests to an endpoint are lost", strike: func(w *storm) { w.silence(w.way, hindrance{hold: true}, hindrance{}) }},
		{name: "answers of an endpoint are lost", strike: func(w *storm) { w.silence(w.way, hindrance{}, hindrance{hold: true}) }, doubles: 1, repeated: true},
		{name: "the way to an endpoint is slow, narrow and sliced", strike: func(w *storm) {
			w.hindered(w.way, hindrance{delay: 2 * time.Millisecond, slice: 700, rate: 100_000}, hindrance{delay: time.Millisecond, slice: 300, rate: 100_000})
		}},
		{name: "an endpoint does everything wrong", strike: func(w *storm) { w.misbehave(hangs, breaksOff, garbles, redirects, tooMany) }},
		{name: "an endpoint hangs", long: true, strike: func(w *storm) { w.misbehave(hangs) }},
		{name: "an endpoint breaks off its answers", long: true, strike: func(w *storm) { w.misbehave(breaksOff) }},
		{name: "an endpoint answers garbage", long: true, strike: func(w *storm) { w.misbehave(garbles) }},
		{name: "an endpoint redirects to a private address", long: true, strike: func(w *storm) { w.misbehave(redirects) }},
		{name: "an endpoint asks for pauses", long: true, strike: func(w *storm) { w.misbehave(tooMany) }},
		{name: "the platform sends everything again and out of order", redeliver: true, strike: func(w *storm) { w.crash(0) }, doubles: 1},
		{name: "one business floods while its endpoint hangs", flood: 20, strike: func(w *storm) { w.misbehave(hangs) }},
	}
}
