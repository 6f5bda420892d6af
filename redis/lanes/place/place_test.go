package place_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

func TestNamesOfLanesAreNotAmbiguous(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		conversation := webhook.Conversation(rapid.StringMatching(`[a~:]{1,12}`).Draw(t, "conversation"))
		id := rapid.StringMatching(`[a-z_0-9]{0,6}`).Draw(t, "id")
		name := place.Name(conversation)
		if id != "" {
			name = place.Aside(name, id)
		}
		own, aside := place.Split(name)
		if own != place.Name(conversation) || aside != id || place.Conversation(name) != conversation {
			t.Fatalf("%q and %q became %q and came back as %q, %q, %q", conversation, id, name, own, aside, place.Conversation(name))
		}
	})
}

func TestALaneOfItsOwnLiesInTheShardOfItsConversation(t *testing.T) {
	t.Parallel()
	names := redis.NewKeys(256)
	for _, c := range []webhook.Conversation{"kX3vQm1Zb0m1Yw2c5s7d9g", "g:Y2FwaV9ncm91cDox", "g:with~tilde", "w:102290129340398:account_update"} {
		lane := webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: place.Name(c)}
		own, err := place.Of(names, lane)
		if err != nil {
			t.Fatal(err)
		}
		lane.Conversation = place.Aside(lane.Conversation, "evt_1")
		aside, err := place.Of(names, lane)
		if err != nil {
			t.Fatal(err)
		}
		if own.Shard != names.Shard(c) || aside.Shard != own.Shard || aside.Due != own.Due || aside.List == own.List {
			t.Errorf("%s lies in shard %d, its event aside in %d; want %d and two lists", c, own.Shard, aside.Shard, names.Shard(c))
		}
	}
}

func TestALaneWithoutANameIsRefused(t *testing.T) {
	t.Parallel()
	for _, l := range []webhook.Lane{
		{},
		{Business: "acme", Endpoint: "crm"},
		{Business: "acme", Conversation: "c"},
		{Endpoint: "crm", Conversation: "c"},
		{Business: "acme", Endpoint: "crm", Conversation: webhook.Conversation(strings.Repeat("c", 641))},
	} {
		if _, err := place.Of(redis.NewKeys(1), l); err == nil {
			t.Errorf("a lane with a business of %d, an endpoint of %d and a conversation of %d bytes was found", len(l.Business), len(l.Endpoint), len(l.Conversation))
		}
	}
}

func TestALongConversationIsShortenedAndStaysItself(t *testing.T) {
	t.Parallel()
	short, long := webhook.Conversation("w:1:account_update"), webhook.Conversation("w:1:"+strings.Repeat("~", 5000))
	if place.Bound(short) != short {
		t.Error("a short one was changed")
	}
	one, other := place.Bound(long), place.Bound(long+"x")
	if len(one) > 256 || one == other || one != place.Bound(one) {
		t.Errorf("%d bytes, the same as another: %v", len(one), one == other)
	}
	lane := webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: place.Aside(place.Name(one), strings.Repeat("e", 120))}
	if _, err := place.Of(redis.NewKeys(256), lane); err != nil {
		t.Errorf("its lane is not found: %v", err)
	}
}

func TestMessagesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for _, want := range []webhook.Lane{
		{Business: "acme", Endpoint: "crm", Conversation: "w:1:account_update"},
		{Business: "acme", Endpoint: "crm"},
	} {
		got, ok := place.ParseMessage(place.Message(want))
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("read %v (-want +got):\n%s", ok, diff)
		}
	}
	for _, text := range []string{"", "acme", "acme:crm", ":crm:c", "acme::c"} {
		if lane, ok := place.ParseMessage(text); ok {
			t.Errorf("%q was read as %v", text, lane)
		}
	}
}

func TestCountersBelongToTheMinuteOfAcceptance(t *testing.T) {
	t.Parallel()
	key, field := place.Minute(redis.NewKeys(256), 7, "acme", time.Date(2026, 11, 22, 17, 5, 59, 0, time.UTC))
	if key != "bauta:{007}:n:acme:498713" || field != "05:" {
		t.Errorf("counted under %s %s", key, field)
	}
}
