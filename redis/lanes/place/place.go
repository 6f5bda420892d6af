// Package place knows where the parts of a lane lie in Redis: how conversations
// are named so that an event that stepped aside has a lane of its own beside
// its conversation's, and the keys and Lua lines that all scripts on lanes share.
package place

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// maxConversation bounds what the platform can put into the name of a key, and
// maxName what becomes of it: every tilde doubled, and a delivery's id.
const (
	maxConversation = 256
	maxName         = 2*maxConversation + 128
)

// Bound shortens a conversation that the platform named beyond reason; what it
// was named stays distinguishable by a digest.
func Bound(c webhook.Conversation) webhook.Conversation {
	if len(c) <= maxConversation {
		return c
	}
	sum := sha256.Sum256([]byte(c))
	return c[:maxConversation-2*len(sum)-1] + "#" + webhook.Conversation(hex.EncodeToString(sum[:]))
}

// Name is the lane name of a conversation: a tilde in it is doubled, because
// one alone begins the id of an event that stepped aside.
func Name(c webhook.Conversation) webhook.Conversation {
	return webhook.Conversation(strings.ReplaceAll(string(c), "~", "~~"))
}

// Aside is the lane name of an event that stepped aside from a named lane.
func Aside(name webhook.Conversation, id string) webhook.Conversation {
	return name + "~" + webhook.Conversation(id)
}

// Split takes a lane name apart: the name of the conversation's own lane, and
// the id of the event that stepped aside, "" if it is that lane itself.
func Split(name webhook.Conversation) (own webhook.Conversation, aside string) {
	for i := 0; i < len(name); i++ {
		if name[i] != '~' {
			continue
		}
		if i+1 == len(name) || name[i+1] != '~' {
			return name[:i], string(name[i+1:])
		}
		i++
	}
	return name, ""
}

// Conversation is the conversation that a lane name belongs to.
func Conversation(name webhook.Conversation) webhook.Conversation {
	own, _ := Split(name)
	return webhook.Conversation(strings.ReplaceAll(string(own), "~~", "~"))
}

// Place is where one lane lies. All keys have the tag of its shard.
type Place struct {
	Lane  webhook.Lane
	Shard int
	// List is the lane itself, Head the state of its first event.
	List, Head string
	// Due and Ages hold the endpoint's lanes of the shard; Ends and Depths its
	// endpoints.
	Due, Ages, Ends, Depths string
}

// Of finds a lane by its lane name.
func Of(k redis.Keys, l webhook.Lane) (Place, error) {
	if l.Business == "" || l.Endpoint == "" || l.Conversation == "" {
		return Place{}, fmt.Errorf("find a lane: business, endpoint or conversation is empty: this is a fault of Bauta")
	}
	if len(l.Conversation) > maxName {
		return Place{}, fmt.Errorf("find a lane: its conversation has %d bytes, more than %d", len(l.Conversation), maxName)
	}
	shard := k.Shard(Conversation(l.Conversation))
	return Place{
		Lane: l, Shard: shard,
		List: k.LaneAt(shard, l), Head: k.HeadAt(shard, l),
		Due: k.Due(shard, l.Business, l.Endpoint), Ages: k.Ages(shard, l.Business, l.Endpoint),
		Ends: k.Ends(shard), Depths: k.Depths(shard),
	}, nil
}

// End is the member of Ends and the field of Depths: "business:endpoint".
func (p Place) End() string { return End(p.Lane.Target()) }

// End names an endpoint within a shard.
func End(e webhook.EndpointKey) string { return e.Business + ":" + e.Endpoint }

// ParseEnd is the way back from End.
func ParseEnd(end string) (webhook.EndpointKey, bool) {
	business, endpoint, ok := strings.Cut(end, ":")
	return webhook.EndpointKey{Business: business, Endpoint: endpoint}, ok && business != "" && endpoint != ""
}

// Message is what the wake channel carries: "business:endpoint:lane name".
func Message(l webhook.Lane) string { return End(l.Target()) + ":" + string(l.Conversation) }

// ParseMessage is the way back from Message; the lane has no conversation when
// the message is about the endpoint.
func ParseMessage(text string) (webhook.Lane, bool) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return webhook.Lane{}, false
	}
	return webhook.Lane{Business: parts[0], Endpoint: parts[1], Conversation: webhook.Conversation(parts[2])}, true
}

// CountsLife is how long counters live.
const CountsLife = 8 * 24 * time.Hour

// Minute tells which counters an event is counted in: the key of the hour in
// which it was accepted, and the prefix of the fields of its minute.
func Minute(k redis.Keys, shard int, business string, accepted time.Time) (key, field string) {
	at := accepted.Unix()
	minute := byte(at % 3600 / 60) //nolint:gosec // below 60
	return k.Counts(shard, business, at/3600), string([]byte{'0' + minute/10, '0' + minute%10, ':'})
}
