package redis

import (
	"encoding/base64"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"bauta/webhook"
)

// StoreKey holds what must not change while data exists: schema, shards and the
// fingerprint of the key set.
const StoreKey = "bauta:store"

// WakeChannel tells other nodes of lanes that became due.
const WakeChannel = "bauta:wake"

// Keys names every key of the table in redis/KEYS.md, and is the only place
// that does. Ids of businesses and endpoints hold no colon and no brace (the
// configuration refuses such); what comes from the platform stands last in a
// name. Safe for concurrent use; build it with NewKeys.
type Keys struct {
	shards int
	tags   []string
	// ends and depths of every shard: each event names them.
	ends, depths []string
}

// NewKeys names keys over a number of shards, at least one.
func NewKeys(shards int) Keys {
	k := Keys{shards: max(shards, 1)}
	k.tags, k.ends, k.depths = make([]string, k.shards), make([]string, k.shards), make([]string, k.shards)
	for i := range k.tags {
		k.tags[i] = tag(i)
		k.ends[i], k.depths[i] = k.tags[i]+"ends", k.tags[i]+"depths"
	}
	return k
}

// tag pads to three digits; stores of more than 1000 shards use four and more.
func tag(shard int) string {
	digits := strconv.Itoa(shard)
	return "bauta:{" + strings.Repeat("0", max(3-len(digits), 0)) + digits + "}:"
}

// Shards is how many shards there are.
func (k Keys) Shards() int { return k.shards }

// Shard computes a conversation's shard: from the customer id's first two bytes,
// or from a hash of the group id or WABA. It must never change.
func (k Keys) Shard(c webhook.Conversation) int {
	name := string(c)
	if group, ok := strings.CutPrefix(name, "g:"); ok {
		return k.hashed(group)
	}
	if account, ok := strings.CutPrefix(name, "w:"); ok {
		waba, _, _ := strings.Cut(account, ":")
		return k.hashed(waba)
	}
	return k.Of(name)
}

// ShardsOf are the shards of some conversations, each once.
func (k Keys) ShardsOf(conversations []webhook.Conversation) []int {
	shards := make([]int, len(conversations))
	for i, c := range conversations {
		shards[i] = k.Shard(c)
	}
	slices.Sort(shards)
	return slices.Compact(shards)
}

// Of is the shard of a customer id.
func (k Keys) Of(customer string) int {
	var first [3]byte
	if len(customer) < 4 {
		return k.hashed(customer)
	}
	if _, err := base64.RawURLEncoding.Decode(first[:], []byte(customer[:4])); err != nil {
		return k.hashed(customer)
	}
	return (int(first[0])<<8 | int(first[1])) % k.shards
}

func (k Keys) hashed(text string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return int(h.Sum32() % uint32(k.shards)) //nolint:gosec // shards is small and positive
}

// Identity leads from an identity's keyed PRF, with the tag of the look-up key, to a
// customer id.
func (k Keys) Identity(business, prf string) string { return identityPrefix + business + ":" + prf }

// Handle leads from a handle's 10 random digits to a customer id.
func (k Keys) Handle(business, digits string) string {
	return "bauta:handle:" + business + ":" + digits
}

// Ad holds what the Marketing API said of an ad.
func (k Keys) Ad(business, ad string) string { return "bauta:ad:" + business + ":" + ad }

// Business holds a business's wrapped data key and first_hidden.
func (k Keys) Business(business string) string { return "bauta:business:" + business }

// Accounts holds which businesses had an account.
func (k Keys) Accounts() string { return "bauta:accounts" }

// Endpoint holds an endpoint's pause and probe.
func (k Keys) Endpoint(business, endpoint string) string {
	return "bauta:endpoint:" + business + ":" + endpoint
}

// Customer holds a customer's record.
func (k Keys) Customer(business, customer string) string {
	return k.tags[k.Of(customer)] + "c:" + business + ":" + customer
}

// Forms holds which envelope form the platform used, where it cannot be derived.
func (k Keys) Forms(business, customer string, epoch int64) string {
	return k.tags[k.Of(customer)] + "m:" + business + ":" + customer + ":" + strconv.FormatInt(epoch, 10)
}

// Seen holds the dedupe ids of one epoch of a conversation.
func (k Keys) Seen(business string, c webhook.Conversation, epoch int64) string {
	return k.tags[k.Shard(c)] + "s:" + business + ":" + string(c) + ":" + strconv.FormatInt(epoch, 10)
}

// Lane holds a lane's events.
func (k Keys) Lane(l webhook.Lane) string { return k.lane(l, "l:") }

// Head holds the state of a lane's first event.
func (k Keys) Head(l webhook.Lane) string { return k.lane(l, "h:") }

func (k Keys) lane(l webhook.Lane, kind string) string {
	return k.tags[k.Shard(l.Conversation)] + kind + l.Business + ":" + l.Endpoint + ":" + string(l.Conversation)
}

// Due holds an endpoint's conversations in a shard by the time they are due.
func (k Keys) Due(shard int, business, endpoint string) string {
	return k.tags[shard] + "due:" + business + ":" + endpoint
}

// Ends holds the endpoints with lanes in a shard.
func (k Keys) Ends(shard int) string { return k.ends[shard] }

// Held holds a held event.
func (k Keys) Held(shard int, business, id string) string {
	return k.tags[shard] + "held:" + business + ":" + id
}

// Helds lists a business's held events of a shard.
func (k Keys) Helds(shard int, business string) string { return k.tags[shard] + "helds:" + business }

// Dead holds a dead letter.
func (k Keys) Dead(shard int, business, endpoint, id string) string {
	return k.tags[shard] + "dead:" + business + ":" + endpoint + ":" + id
}

// Deads lists an endpoint's dead letters of a shard.
func (k Keys) Deads(shard int, business, endpoint string) string {
	return k.tags[shard] + "deads:" + business + ":" + endpoint
}

// Counts holds a business's counters of a shard for one hour (Unix time / 3600).
func (k Keys) Counts(shard int, business string, hour int64) string {
	return k.tags[shard] + "n:" + business + ":" + strconv.FormatInt(hour, 10)
}
