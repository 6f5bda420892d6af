package operate

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// HeldEvent is an event that could not be proven clean, as people may see it.
type HeldEvent struct {
	ID, Business string
	// Field of the webhook, Reason from a closed set.
	Field, Reason string
	Positions     []Position
	At            time.Time
	// Size of the event in bytes; 0: not known.
	Size int
}

// Position is where in an event something was found.
type Position struct {
	// Pointer is a JSON pointer (RFC 6901), "" for the whole event. A key that the sender
	// chose, and that could hold a number, reads *.
	Pointer string
	// Notation in which it stood there, "" if that does not matter.
	Notation string
}

// Release is what became of a held event that was to be released.
type Release uint8

// The outcomes of a release. The zero value is nothing done.
const (
	// Gone: it is not there (any more).
	Gone Release = iota
	// Released: it is at the end of its lane.
	Released
	// StillHeld: it is still not proven clean.
	StillHeld
)

// Page is which part of a list is asked for: at most Limit of what follows a cursor, ""
// for the beginning.
type Page struct {
	After string
	Limit int
}

// MostPage is the longest page.
const MostPage = 500

// limit is the page's length, within bounds.
func (p Page) limit() int { return min(max(p.Limit, 1), MostPage) }

// HeldEvents lists held events of one business, or of an app's own name, the oldest
// first, and the cursor of what follows, "" at the end. A page may be short although more
// follows.
func (d *Desk) HeldEvents(ctx context.Context, a Actor, business string, p Page) ([]HeldEvent, string, error) {
	if _, err := d.holders(a, business); err != nil || business == "" {
		return nil, "", ErrUnknown
	}
	found, next, err := d.Held.List(ctx, business, p.After, p.limit())
	if err != nil {
		return nil, "", fmt.Errorf("held events: %w", err)
	}
	return found, next, nil
}

// ReleaseHeld runs a held event through identity, masking and the leak check once more.
// What passes goes to the end of its lane.
func (d *Desk) ReleaseHeld(ctx context.Context, a Actor, business, id string) (Release, error) {
	if _, err := d.holders(a, business); err != nil || business == "" {
		return Gone, ErrUnknown
	}
	if err := named(id, "a held event"); err != nil {
		return Gone, err
	}
	var out Release
	err := d.act(ctx, a, &Action{Business: business, What: ActRelease, On: "held=" + id}, func(ctx context.Context) (outcome string, err error) {
		out, err = d.Releaser.Release(ctx, business, id)
		return map[Release]string{Gone: Nothing, Released: Done, StillHeld: Refused}[out], err
	})
	return out, err
}

// DropHeld deletes a held event for good; false if it is not there (any more).
func (d *Desk) DropHeld(ctx context.Context, a Actor, business, id string) (bool, error) {
	if _, err := d.holders(a, business); err != nil || business == "" {
		return false, ErrUnknown
	}
	if err := named(id, "a held event"); err != nil {
		return false, err
	}
	dropped := false
	err := d.act(ctx, a, &Action{Business: business, What: ActDropHeld, On: "held=" + id}, func(ctx context.Context) (outcome string, err error) {
		dropped, err = d.Held.Drop(ctx, business, id)
		return doneIf(dropped), err
	})
	return dropped, err
}

// PositionOf reads a position as the pipeline writes it: a JSON path such as
// $.entry[0].changes[1] or messages[0].text.body, perhaps with a notation in brackets
// behind it, or a byte of a body that is no JSON. What could hold a number reads *.
func PositionOf(text string) Position {
	path, notation := text, ""
	if at := strings.LastIndex(text, " ("); at >= 0 && strings.HasSuffix(text, ")") {
		path, notation = text[:at], text[at+2:len(text)-1]
	}
	if at, ok := strings.CutPrefix(path, "byte "); ok {
		if _, err := strconv.ParseUint(at, 10, 24); err != nil {
			at = "*"
		}
		return Position{Notation: "byte " + at}
	}
	if !plain(notation) {
		notation = "*"
	}
	var b strings.Builder
	for _, part := range regexp.MustCompile(`\[(\d+)\]|([^.\[\]]+)|\[([^\]]*)\]`).FindAllStringSubmatch(strings.TrimPrefix(path, "$"), -1) {
		key := strings.Trim(part[1]+part[2]+part[3], `"'`)
		if !plain(key) {
			key = "*"
		}
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
	}
	return Position{Pointer: b.String(), Notation: notation}
}

// plain tells that a key is a word as the platform's own are: lower case, in which base64
// writes no digits, and fewer digits than a number has.
func plain(key string) bool {
	const longest, mostDigits = 40, 4
	digits := 0
	for _, c := range key {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c != '_' && (c < 'a' || c > 'z'):
			return false
		}
	}
	return len(key) <= longest && digits <= mostDigits
}
