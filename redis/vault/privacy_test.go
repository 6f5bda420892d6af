package vault_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// notations are texts from which an identity could be read: itself, reversed
// nibbles and plain BCD, and base64 of it at the three alignments.
func notations(text string) []string {
	out := []string{text, text[2:], strings.TrimLeft(text[3:], ".")}
	for pad := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", pad) + text))
		out = append(out, encoded[2:len(encoded)-2])
	}
	digits := strings.TrimLeft(text, "USIT.")
	if len(digits)%2 == 1 {
		digits += "0"
	}
	if bcd, err := hex.DecodeString(digits); err == nil {
		swapped := make([]byte, len(bcd))
		for i, b := range bcd {
			swapped[i] = b<<4 | b>>4
		}
		out = append(out, string(bcd[:5]), string(swapped[:5]))
	}
	return out
}

func TestNoIdentityStandsInRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{})
	c := r.mint(t, number(t, anna), userID(t, annaID))
	c.Links = append(c.Links, webhook.Link{Identity: number(t, bruno), Evidence: "number_change", Since: born()})
	check(t, r.Update(t.Context(), c))
	check(t, r.Remember(t.Context(), c, []webhook.Form{{Stanza: "3A6599AEE03810144F", Tag: "1.b"}}))
	check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
	_, err := r.BusinessKey(t.Context(), acme)
	check(t, err)
	check(t, r.MarkHidden(t.Context(), acme, born()))

	dump := server.Dump(t)
	if len(dump) < 7 {
		t.Fatalf("the dump has %d keys: it does not show what was stored", len(dump))
	}
	for _, identity := range []string{anna, bruno, annaID, "3A6599AEE03810144F"} {
		for _, notation := range notations(identity) {
			for key, value := range dump {
				if strings.Contains(key, notation) || strings.Contains(value, notation) {
					t.Errorf("a key of kind %.12s holds an identity", key)
				}
			}
		}
	}
	// The handle stands in the name of its key only, next to no number.
	handle := c.Scopes[webhook.Direct].Handle
	for key, value := range dump {
		if strings.Contains(value, handle.Key()) {
			t.Errorf("the value of a key of kind %.12s holds the handle", key)
		}
	}
}

func TestTheDumpTestSees(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	check(t, server.Client.HSet(t.Context(), "bauta:ad:acme:1", "r", "x"+base64.StdEncoding.EncodeToString([]byte("a"+anna))).Err())
	seen := false
	for _, notation := range notations(anna) {
		for _, value := range server.Dump(t) {
			seen = seen || strings.Contains(value, notation)
		}
	}
	if !seen {
		t.Error("a number in base64 is not seen in the dump")
	}
}
