package keyring

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta/redis"
)

// Lease is for how long, by the store's clock, a data key may be stored that was
// wrapped with the key which was then the primary one. Once a primary key was replaced
// for that long, nothing new is wrapped with it.
const Lease = 20 * time.Second

// forgotten is when a node that says nothing is taken off the list; for the rotation
// it does not count from the end of Lease on.
const forgotten = time.Hour

// ErrReplaced means that another wrapping key became the primary one meanwhile.
var ErrReplaced = errors.New("another wrapping key became the primary one meanwhile")

// Standing is what the store says of wrapping keys.
type Standing struct {
	// Now is the store's clock.
	Now time.Time
	// Primary is the id of the wrapping key that writes; 0 in a store where nothing was
	// written yet.
	Primary uint32
	// Since is when it became that; zero if it was from the first.
	Since time.Time
	// Nodes that run, or ran within the last hour.
	Nodes []Node
}

// Node is a process that says which wrapping keys it can read with.
type Node struct {
	// Name is the host and the process id.
	Name string
	Seen time.Time
	Keys []string
}

// Running are the nodes that said something within Lease.
func (s Standing) Running() []Node {
	var out []Node
	for _, n := range s.Nodes {
		if s.Now.Sub(n.Seen) <= Lease {
			out = append(out, n)
		}
	}
	return out
}

// Settled tells how long it takes until nobody can write with an earlier primary key
// any more; 0 or less: nobody can.
func (s Standing) Settled() time.Duration {
	if s.Since.IsZero() {
		return 0
	}
	return s.Since.Add(Lease).Sub(s.Now)
}

// Register is the store's word on wrapping keys. Safe for concurrent use.
type Register struct {
	store             *redis.Store
	announce, promote *redis.Script
}

// NewRegister builds a Register.
func NewRegister(store *redis.Store) *Register {
	return &Register{store: store, announce: redis.NewScript(announceSource), promote: redis.NewScript(promoteSource)}
}

// Read says how things stand. In a store that is not read-only and has no primary key
// yet, first becomes it.
func (r *Register) Read(ctx context.Context, first uint32) (Standing, error) {
	return r.enter(ctx, first, "", "")
}

// enter notes what a node knows, if it has an id, and reads.
func (r *Register) enter(ctx context.Context, first uint32, node, knows string) (Standing, error) {
	if r.store.ReadOnly() {
		fields, err := r.store.Do(ctx, redis.Command("HGETALL", redis.WrapKey)).List()
		return standing(time.Time{}, fields), err
	}
	list, err := r.store.Do(ctx, r.announce.Call([]string{redis.WrapKey}, strconv.FormatUint(uint64(first), 10), forgotten.Milliseconds(), node, knows)).List()
	if err != nil {
		return Standing{}, err
	}
	if len(list) == 0 {
		return Standing{}, fmt.Errorf("%w: the register of wrapping keys is empty", redis.ErrRefused)
	}
	ms, err := redis.Result{Value: list[0]}.Int()
	return standing(time.UnixMilli(ms), list[1:]), err
}

// leave takes a node off the list.
func (r *Register) leave(ctx context.Context, node string) error {
	return r.store.Do(ctx, redis.Command("HDEL", redis.WrapKey, nodeField+node)).Err
}

// Promote makes next the primary key in place of primary, unless a running node does
// not know it: false. Repeated it changes nothing. ErrReplaced: neither of them is the
// primary one.
func (r *Register) Promote(ctx context.Context, primary, next uint32) (bool, error) {
	n, err := r.store.Do(ctx, r.promote.Call([]string{redis.WrapKey},
		strconv.FormatUint(uint64(primary), 10), strconv.FormatUint(uint64(next), 10), Lease.Milliseconds())).Int()
	if err == nil && n < 0 {
		err = ErrReplaced
	}
	return n == 1, err
}

// standing reads the fields of the register.
func standing(now time.Time, fields []any) Standing {
	s := Standing{Now: now}
	for i := 0; i+1 < len(fields); i += 2 {
		name, _ := fields[i].(string)
		value, _ := fields[i+1].(string)
		number, _, _ := strings.Cut(value, " ")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue
		}
		switch {
		case name == "primary":
			s.Primary = uint32(n) //nolint:gosec // Tink's ids have 32 bits, and only such are written
		case name == "since":
			s.Since = time.UnixMilli(n)
		case strings.HasPrefix(name, nodeField):
			if words := strings.SplitN(value, " ", 3); len(words) == 3 {
				s.Nodes = append(s.Nodes, Node{Name: words[2], Seen: time.UnixMilli(n), Keys: strings.Split(strings.Trim(words[1], ","), ",")})
			}
		}
	}
	return s
}

// nodeField begins the names of fields that are nodes: time in ms, ids of keys with a
// comma before and behind each, name.
const nodeField = "n:"

const (
	// announce: the primary key of a new store, ms after which a silent node is
	// forgotten, node ('' for none), what it knows. It returns the time and all fields.
	announceSource = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSETNX', KEYS[1], 'primary', ARGV[1])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'n:' .. ARGV[3], string.format('%.0f', now) .. ' ' .. ARGV[4]) end
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if string.sub(held[i], 1, 2) == 'n:' and (tonumber(string.match(held[i + 1], '^%d+')) or 0) + tonumber(ARGV[2]) < now then
    redis.call('HDEL', KEYS[1], held[i])
  end
end
table.insert(held, 1, string.format('%.0f', now))
return held`

	// promote: the present primary key, the next one, ms for which a node counts. It
	// returns 1 if the next one is the primary one, 0 if a node does not know it, -1 if
	// there is another primary key.
	promoteSource = `
local primary = redis.call('HGET', KEYS[1], 'primary')
if primary == ARGV[2] then return 1 end
if primary ~= ARGV[1] then return -1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if string.sub(held[i], 1, 2) == 'n:' then
    local seen, knows = string.match(held[i + 1], '^(%d+) (%S+)')
    if seen and tonumber(seen) + tonumber(ARGV[3]) >= now and not string.find(knows, ',' .. ARGV[2] .. ',', 1, true) then return 0 end
  end
end
redis.call('HSET', KEYS[1], 'primary', ARGV[2], 'since', string.format('%.0f', now))
return 1`
)
