package keyring

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
)

// Lease is for how long, by the store's clock, a data key may be stored that was
// wrapped with the key which was then the primary one, and an entry of the index under
// the look-up keys of then. Once a primary key was replaced for that long, nobody
// writes as before.
const Lease = 20 * time.Second

// forgotten is when a node that says nothing is taken off the list; for the rotation
// it does not count from the end of Lease on.
const forgotten = time.Hour

// ErrReplaced means that another key became the primary one meanwhile.
var ErrReplaced = errors.New("another key became the primary one meanwhile")

// Standing is what the store says of the keys of one purpose.
type Standing struct {
	// Now is the store's clock.
	Now time.Time
	// Primary is the id of the key that writes; 0 in a store where nothing was written
	// yet.
	Primary uint32
	// From is the id of the oldest look-up key under which entries are still made. Until
	// the entries of the one before are all made anew it is that one.
	From uint32
	// Since is when Primary or From became that; zero if they were from the first.
	Since time.Time
	// Nodes that run, or ran within the last hour.
	Nodes []Node
}

// Node is a process that says which keys it can read with.
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

// Settled tells how long it takes until nobody can write as it was before Since any
// more; 0 or less: nobody can.
func (s Standing) Settled() time.Duration {
	if s.Since.IsZero() {
		return 0
	}
	return s.Since.Add(Lease).Sub(s.Now)
}

// Register is the store's word on wrapping keys and look-up keys. Safe for concurrent
// use.
type Register struct {
	store                     *redis.Store
	announce, promote, retire *redis.Script
}

// NewRegister builds a Register.
func NewRegister(store *redis.Store) *Register {
	return &Register{
		store: store, announce: redis.NewScript(announceSource), promote: redis.NewScript(promoteSource), retire: redis.NewScript(retireSource),
	}
}

// Read says how things stand. In a store that is not read-only and has no primary key
// of that purpose yet, first becomes it.
func (r *Register) Read(ctx context.Context, p keys.Purpose, first uint32) (Standing, error) {
	held, err := r.enter(ctx, map[keys.Purpose]uint32{p: first}, "", "")
	return held.of(p), err
}

// enter notes what a node knows, if it has an id, and reads.
func (r *Register) enter(ctx context.Context, first map[keys.Purpose]uint32, node, knows string) (entries, error) {
	if r.store.ReadOnly() {
		fields, err := r.store.Do(ctx, redis.Command("HGETALL", redis.WrapKey)).List()
		return read(time.Time{}, fields), err
	}
	list, err := r.store.Do(ctx, r.announce.Call([]string{redis.WrapKey}, word(first[keys.Wrap]), word(first[keys.Lookup]), forgotten.Milliseconds(), node, knows)).List()
	if err != nil {
		return entries{}, err
	}
	if len(list) == 0 {
		return entries{}, fmt.Errorf("%w: the register of keys is empty", redis.ErrRefused)
	}
	ms, err := redis.Result{Value: list[0]}.Int()
	return read(time.UnixMilli(ms), list[1:]), err
}

// leave takes a node off the list.
func (r *Register) leave(ctx context.Context, node string) error {
	return r.store.Do(ctx, redis.Command("HDEL", redis.WrapKey, nodeField+node)).Err
}

// Promote makes next the primary key in place of primary, unless a running node does
// not know it: false. Repeated it changes nothing. ErrReplaced: neither of them is the
// primary one.
func (r *Register) Promote(ctx context.Context, p keys.Purpose, primary, next uint32) (bool, error) {
	n, err := r.store.Do(ctx, r.promote.Call([]string{redis.WrapKey}, fieldOf(p), sinceOf(p), word(primary), word(next), Lease.Milliseconds())).Int()
	if err == nil && n < 0 {
		err = ErrReplaced
	}
	return n == 1, err
}

// Retire has entries made under the primary look-up key alone. Those of the ones before
// are read as before. False: it became the primary one less than Lease ago, and who
// has not heard of it makes entries under the one before alone. Repeated it changes
// nothing. ErrReplaced: primary is not the primary one.
func (r *Register) Retire(ctx context.Context, primary uint32) (bool, error) {
	n, err := r.store.Do(ctx, r.retire.Call([]string{redis.WrapKey}, word(primary), Lease.Milliseconds())).Int()
	if err == nil && n < 0 {
		err = ErrReplaced
	}
	return n == 1, err
}

// entries are the fields of the register.
type entries struct {
	now    time.Time
	fields map[string]string
	nodes  []Node
}

// of is how the keys of a purpose stand.
func (e entries) of(p keys.Purpose) Standing {
	s := Standing{Now: e.now, Primary: e.id(fieldOf(p)), From: e.id(fromField), Nodes: e.nodes}
	if ms, err := strconv.ParseInt(e.fields[sinceOf(p)], 10, 64); err == nil {
		s.Since = time.UnixMilli(ms)
	}
	return s
}

func (e entries) id(field string) uint32 {
	n, _ := strconv.ParseUint(e.fields[field], 10, 32) // what is not there is 0
	return uint32(n)
}

func read(now time.Time, fields []any) entries {
	e := entries{now: now, fields: map[string]string{}}
	for i := 0; i+1 < len(fields); i += 2 {
		name, _ := fields[i].(string)
		value, _ := fields[i+1].(string)
		if !strings.HasPrefix(name, nodeField) {
			e.fields[name] = value
			continue
		}
		words := strings.SplitN(value, " ", 3)
		ms, err := strconv.ParseInt(words[0], 10, 64)
		if err == nil && len(words) == 3 {
			e.nodes = append(e.nodes, Node{Name: words[2], Seen: time.UnixMilli(ms), Keys: strings.Split(strings.Trim(words[1], ","), ",")})
		}
	}
	return e
}

// word is an id as the register holds it; empty for none.
func word(id uint32) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(id), 10)
}

// fieldOf and sinceOf name the fields of a purpose. Those of wrapping keys were there
// first.
func fieldOf(p keys.Purpose) string {
	if p == keys.Lookup {
		return "lookup"
	}
	return "primary"
}

func sinceOf(p keys.Purpose) string {
	if p == keys.Lookup {
		return "lookup_since"
	}
	return "since"
}

// fromField holds Standing.From.
const fromField = "lookup_from"

// nodeField begins the names of fields that are nodes: time in ms, ids of keys with a
// comma before and behind each, name.
const nodeField = "n:"

const (
	// announce: the primary wrapping key and the look-up key of a new store ('' for none),
	// ms after which a silent node is forgotten, node ('' for none), what it knows. It
	// returns the time and all fields.
	announceSource = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] ~= '' then redis.call('HSETNX', KEYS[1], 'primary', ARGV[1]) end
if ARGV[2] ~= '' and redis.call('HSETNX', KEYS[1], 'lookup', ARGV[2]) == 1 then redis.call('HSET', KEYS[1], 'lookup_from', ARGV[2]) end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'n:' .. ARGV[4], string.format('%.0f', now) .. ' ' .. ARGV[5]) end
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if string.sub(held[i], 1, 2) == 'n:' and (tonumber(string.match(held[i + 1], '^%d+')) or 0) + tonumber(ARGV[3]) < now then
    redis.call('HDEL', KEYS[1], held[i])
  end
end
table.insert(held, 1, string.format('%.0f', now))
return held`

	// promote: the fields of the primary key and of its time, the present key, the next
	// one, ms for which a node counts. It returns 1 if the next one is the primary one, 0
	// if a node does not know it, -1 if there is another primary key.
	promoteSource = `
local primary = redis.call('HGET', KEYS[1], ARGV[1])
if primary == ARGV[4] then return 1 end
if primary ~= ARGV[3] then return -1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if string.sub(held[i], 1, 2) == 'n:' then
    local seen, knows = string.match(held[i + 1], '^(%d+) (%S+)')
    if seen and tonumber(seen) + tonumber(ARGV[5]) >= now and not string.find(knows, ',' .. ARGV[4] .. ',', 1, true) then return 0 end
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4], ARGV[2], string.format('%.0f', now))
return 1`

	// retire: the primary look-up key, ms for which a right to write lasts. It returns 1
	// if entries are made under that key alone, 0 if it is too early, -1 if there is
	// another primary key.
	retireSource = `
if redis.call('HGET', KEYS[1], 'lookup') ~= ARGV[1] then return -1 end
if redis.call('HGET', KEYS[1], 'lookup_from') == ARGV[1] then return 1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if (tonumber(redis.call('HGET', KEYS[1], 'lookup_since')) or 0) + tonumber(ARGV[2]) >= now then return 0 end
redis.call('HSET', KEYS[1], 'lookup_from', ARGV[1], 'lookup_since', string.format('%.0f', now))
return 1`
)
