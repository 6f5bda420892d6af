package vault_test

import (
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

const subgroup = "Y2FwaV9ncm91cDox"

// asked is a standing with everything in it that a question leaves behind.
func asked(number masking.Number) webhook.Sharing {
	return webhook.Sharing{
		State: sharing.Asked, Since: born(), ActBy: "e2", Heard: born().Add(-time.Second), Number: number, Confirmation: "3EB0C0",
		Question: webhook.Question{
			ID: "q8qPWVJ3Gk2nR1aZ", By: "bauta", WordedBy: "business", Native: true, Language: "pt_BR", Version: "1",
			TextHash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
			Held:     true, Requested: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
			Begun: born(), Sent: born().Add(time.Second), Expires: born().Add(time.Hour), Stanza: "3EB0D1",
		},
	}
}

// promised is a customer in whose record every member is set that sharing needs.
func (r *room) promised(t testing.TB) *webhook.Customer {
	t.Helper()
	c := r.customer(t, number(t, anna), userID(t, annaID))
	c.Scopes[webhook.Direct].Sharing = asked(number(t, anna).Number)
	c.Scopes[subgroup] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Withdrawn, Left: born().Add(time.Minute), Renewed: true, Opened: born().Add(time.Second)}
	c.Lines = []sharing.Line{
		{
			ID: "l1", At: born(), Type: sharing.LineAsked, Handle: "IT.9041174520836617350284", Scope: "direct", By: "bauta", Action: "setting",
			Question: "q8qPWVJ3Gk2nR1aZ", WordedBy: "bauta", Language: "it", Version: "1", TextHash: "9f86", Reason: "none", Text: "Vuoi <condividere> & \u2028?",
		},
		{ID: "l2", Type: sharing.LineShared},
	}
	c.Due = []webhook.Due{
		{ID: "d1", Errand: true, Kind: string(webhook.ErrandQuestion), Scope: subgroup, At: born(), Unheard: true, Data: []byte(`{"kind":"question", "a":1, "a":2, "text":"<\ud800>"}`)},
		{ID: "d2", Kind: "number_withdrawn", Unheard: true},
	}
	c.Tried, c.AskedAt = "d0", born()
	c.Predecessors = []webhook.Predecessor{{ID: "AAECAwQFBgcICQoLDA0ODw", At: born(), Other: true}}
	return c
}

// A member that the contract gains has to be stored too.
func TestTheTestsRecordHasEveryMember(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}), vault.Options{})
	c := r.promised(t)
	direct := c.Scopes[webhook.Direct].Sharing
	for _, of := range []any{direct, direct.Question, c.Lines[0], c.Due[0], c.Predecessors[0]} {
		value := reflect.ValueOf(of)
		for n := range value.NumField() {
			if value.Field(n).IsZero() {
				t.Errorf("%s.%s is not set", value.Type(), value.Type().Field(n).Name)
			}
		}
	}
}

func TestARecordKeepsWhatTheCustomerWasAskedAndWhatFollows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c := r.promised(t)
		stored, _, err := r.Mint(t.Context(), c)
		check(t, err)
		if diff := alike(stored, r.find(t, number(t, anna)).Customer); diff != "" {
			t.Errorf("minted against read: %s", diff)
		}
		stored.Lines, stored.Due, stored.Tried = nil, nil, ""
		stored.Scopes[webhook.Direct].Sharing = webhook.Sharing{State: sharing.Shared, Number: number(t, anna).Number}
		check(t, r.Update(t.Context(), stored))
		if diff := alike(stored, r.find(t, number(t, anna)).Customer); diff != "" {
			t.Errorf("updated against read: %s", diff)
		}
	})
}

// earlier is what the release before questions were asked wrote, to the byte.
func earlier(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/record_before_sharing.json")
	check(t, err)
	return text
}

// earlierCustomer is the customer that it wrote.
func earlierCustomer(t testing.TB, id string) *webhook.Customer {
	t.Helper()
	return &webhook.Customer{
		ID: id, Business: acme, Version: 1, Created: born(), Envelope: number(t, anna), Sent: userID(t, annaID),
		Links: []webhook.Link{
			{Identity: number(t, bruno), Evidence: "message", Since: born(), Ended: born().Add(time.Hour), Lost: true},
			{Identity: number(t, anna), Evidence: "number_change", Since: born()},
			{Identity: userID(t, annaID), Evidence: "message", Since: born()},
		},
		Scopes: map[string]*webhook.Standing{
			webhook.Direct: {
				Handle:     masking.Handle{Country: "US", Long: "9041174520836617350284", Phone: "999904117452083"},
				Visibility: webhook.Hidden, Rule: "pilot", Reason: "rule", Decided: born(), DecidedBy: "e1",
				Former: []masking.Handle{{Country: "IT", Long: "1041174520836617350284", Phone: "999104117452083"}},
			},
			subgroup: {
				Handle:     masking.Handle{Country: "US", Long: "2041174520836617350284", Phone: "999204117452083"},
				Visibility: webhook.Visible, Reason: "group_not_hidden", Decided: born(), RawIDs: true, Inherited: true,
			},
		},
	}
}

// unsealed is a customer's record in clear, with the version that stands before it.
func unsealed(t testing.TB, r *room, c *webhook.Customer) []byte {
	t.Helper()
	sealed, _, err := r.store.Do(t.Context(), redis.Command("HGET", r.store.Keys().Customer(acme, c.ID), "r")).Text()
	check(t, err)
	text, err := c.DataKey.Decrypt([]byte(sealed), []byte(acme+"\x00customer\x00"+c.ID))
	check(t, err)
	return text
}

func TestARecordOfAnEarlierReleaseIsRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c := r.mint(t, number(t, anna))
		sealed, err := c.DataKey.Encrypt(append([]byte{1}, earlier(t)...), []byte(acme+"\x00customer\x00"+c.ID))
		check(t, err)
		check(t, r.store.Do(t.Context(), redis.Command("HSET", r.store.Keys().Customer(acme, c.ID), "r", sealed)).Err)
		got := r.find(t, number(t, anna)).Customer
		if got == nil {
			t.Fatal("the record of an earlier release is not found")
		}
		if diff := alike(earlierCustomer(t, c.ID), got); diff != "" {
			t.Errorf("written by the earlier release against read: %s", diff)
		}
	})
}

func TestWhoWasNeverAskedIsStoredAsBefore(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}), vault.Options{})
	c := r.mint(t, number(t, anna))
	next := earlierCustomer(t, c.ID)
	next.DataKey = c.DataKey
	check(t, r.Update(t.Context(), next))
	if diff := cmp.Diff("\x01"+string(earlier(t)), string(unsealed(t, r, next))); diff != "" {
		t.Errorf("the earlier release's bytes against these: %s", diff)
	}
}

func TestARecordWhoseSharedNumberIsNoneIsNotRead(t *testing.T) {
	t.Parallel()
	r := newRoom(t, redistest.Embedded(t, redis.Options{}), vault.Options{})
	c := r.mint(t, number(t, anna))
	text := `{"c":1,"l":[{"n":"` + anna + `"}],"s":{"":{"h":{"l":"9041174520836617350284","p":"999904117452083"},"q":{"t":5,"n":"anna"}}}}`
	sealed, err := c.DataKey.Encrypt([]byte("\x01"+text), []byte(acme+"\x00customer\x00"+c.ID))
	check(t, err)
	check(t, r.store.Do(t.Context(), redis.Command("HSET", r.store.Keys().Customer(acme, c.ID), "r", sealed)).Err)
	if _, err := r.Customer(t.Context(), acme, c.ID); err == nil {
		t.Error("it was read")
	}
}

// A record's size is paid for every customer: growth is to be noticed.
func TestTheSizeOfARecord(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{})
	plain := r.customer(t, number(t, anna), userID(t, annaID))
	pending := r.customer(t, number(t, bruno), userID(t, brunID))
	pending.Scopes[webhook.Direct].Sharing = asked(masking.Number{})
	pending.Scopes[webhook.Direct].Sharing.Confirmation = ""
	lifted := r.customer(t, number(t, "4915112345678"), userID(t, "DE.9971208655302741918"))
	lifted.Scopes[webhook.Direct].Visibility = webhook.Shared
	lifted.Scopes[webhook.Direct].Sharing = asked(number(t, "4915112345678").Number)
	// Few are asked twice at a time.
	pending.Scopes[webhook.Direct].Sharing.Question.Requested, lifted.Scopes[webhook.Direct].Sharing.Question.Requested = "", ""
	rows := []struct {
		name string
		c    *webhook.Customer
		most int64
	}{
		{"of a customer who was never asked", plain, 400},
		{"with a pending question", pending, 700},
		{"of a customer who shared", lifted, 750},
	}
	for _, row := range rows {
		stored, _, err := r.Mint(t.Context(), row.c)
		check(t, err)
		size, err := r.store.Do(t.Context(), redis.Command("HSTRLEN", r.store.Keys().Customer(acme, stored.ID), "r")).Int()
		if err != nil || size > row.most {
			t.Errorf("a record %s takes %d bytes, want at most %d (%v)", row.name, size, row.most, err)
		}
		memory, err := server.Client.MemoryUsage(t.Context(), r.store.Keys().Customer(acme, stored.ID), 0).Result()
		check(t, err)
		t.Logf("a record %s: %d bytes, in Redis %d", row.name, size, memory)
	}
}
