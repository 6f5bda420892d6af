package deadletters

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/lanes/element"
	"bauta/webhook"
)

// location is where a dead letter lies. Member is the time it became one and the
// delivery's id: "1795368183123-evt_...".
type location struct {
	shard                      int
	business, endpoint, member string
}

func (l location) list(k redis.Keys) string { return k.Deads(l.shard, l.business, l.endpoint) }

func (l location) key(k redis.Keys) string {
	_, id, _ := strings.Cut(l.member, "-")
	return k.Dead(l.shard, l.business, l.endpoint, id)
}

// id names the dead letter to the outside: business, endpoint, member, shard. It
// tells nothing of a person.
func (l location) id() string {
	return l.business + ":" + l.endpoint + ":" + l.member + ":" + strconv.Itoa(l.shard)
}

// ErrID is not the id of a dead letter.
var ErrID = errors.New("this is not the id of a dead letter: take it from the list of dead letters")

func (d *DeadLetters) parse(id string) (location, error) {
	parts := strings.Split(id, ":")
	if len(parts) != 4 {
		return location{}, ErrID
	}
	shard, err := strconv.Atoi(parts[3])
	stamp, delivery, _ := strings.Cut(parts[2], "-")
	if err != nil || shard < 0 || shard >= d.names.Shards() || len(stamp) != 13 || delivery == "" || parts[0] == "" || parts[1] == "" {
		return location{}, ErrID
	}
	return location{shard: shard, business: parts[0], endpoint: parts[1], member: parts[2]}, nil
}

// parseLetter reads a dead letter as the script wrote it: a line of times and
// attempts, a line of JSON, the element. What follows the element's header may be
// cut off.
func parseLetter(text string, at location) (webhook.DeadLetter, error) {
	times, rest, ok := strings.Cut(text, "\n")
	about, event, more := strings.Cut(rest, "\n")
	numbers, err := parseNumbers(times)
	if !ok || !more || err != nil {
		return webhook.DeadLetter{}, element.ErrMalformed
	}
	var letter lanes.Letter
	if err := json.Unmarshal([]byte(about), &letter); err != nil {
		return webhook.DeadLetter{}, element.ErrMalformed
	}
	out := webhook.DeadLetter{
		ID:     at.id(),
		Lane:   webhook.Lane{Business: at.business, Endpoint: at.endpoint, Conversation: letter.Conversation},
		Reason: letter.Reason, Status: letter.Status, At: time.UnixMilli(numbers[0]),
		Delivery: delivery(event, time.UnixMilli(numbers[0])),
	}
	out.Delivery.Attempts = int(numbers[1])
	if numbers[2] > 0 {
		out.Delivery.FirstTry = time.UnixMilli(numbers[2])
	}
	return out, nil
}

// delivery is what an element says without its body; one that cannot be read says
// nothing, and was accepted at dead if it does not tell.
func delivery(event string, dead time.Time) webhook.Delivery {
	e, err := element.Parse(event)
	if err != nil {
		return element.Unreadable(event, dead)
	}
	return webhook.Delivery{
		ID: e.ID, Field: e.Field, Kind: e.Kind, Visibility: e.Visibility, Handle: e.Handle, Decision: e.Decision,
		Held: e.Held, Accepted: e.Accepted,
	}
}

// parseNumbers reads when it became a dead letter, attempts, first try.
func parseNumbers(line string) (out [3]int64, err error) {
	parts := strings.Split(line, " ")
	if len(parts) != len(out) {
		return out, element.ErrMalformed
	}
	for i, p := range parts {
		if out[i], err = strconv.ParseInt(p, 10, 64); err != nil {
			return out, element.ErrMalformed
		}
	}
	return out, nil
}
