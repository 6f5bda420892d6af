package vault_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

func TestABusinessKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		const nodes = 20
		sealed := make([][]byte, nodes)
		var all sync.WaitGroup
		for n := range nodes {
			all.Go(func() {
				node := vault.New(r.store, r.set, vault.Options{})
				key, err := node.BusinessKey(t.Context(), acme)
				if err != nil {
					t.Errorf("node %d: %v", n, err)
					return
				}
				sealed[n], _ = key.Encrypt([]byte("x"), []byte("place"))
			})
		}
		all.Wait()
		key, err := r.BusinessKey(t.Context(), acme)
		check(t, err)
		for n := range sealed {
			if plain, err := key.Decrypt(sealed[n], []byte("place")); err != nil || string(plain) != "x" {
				t.Fatalf("what node %d encrypted is not readable: %v", n, err)
			}
		}
		other, err := r.BusinessKey(t.Context(), "other")
		check(t, err)
		if _, err := other.Decrypt(sealed[0], []byte("place")); err == nil {
			t.Error("another business's key reads it")
		}
	})
}

func TestACustomersKeyReadsWhatWasWrittenAndGoesWithTheRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		a, b := r.mint(t, number(t, anna)), r.mint(t, number(t, bruno))
		sealed, err := a.DataKey.Encrypt([]byte("body"), []byte("place"))
		check(t, err)
		check(t, r.store.Do(t.Context(), redis.Command("DEL", r.store.Keys().Customer(acme, b.ID))).Err)
		got, err := r.CustomerKeys(t.Context(), acme, []string{b.ID, a.ID, "nobody"})
		check(t, err)
		if got[0] != nil || got[2] != nil || got[1] == nil {
			t.Fatalf("keys of a gone, a living and an unknown customer: %v, %v, %v", got[0] != nil, got[1] != nil, got[2] != nil)
		}
		if plain, err := got[1].Decrypt(sealed, []byte("place")); err != nil || string(plain) != "body" {
			t.Errorf("decrypt: %v", err)
		}
		if _, err := r.CustomerKey(t.Context(), acme, b.ID); !errors.Is(err, webhook.ErrErased) {
			t.Errorf("the key of a gone customer: %v, want ErrErased", err)
		}
	})
}

func TestTheFirstHiddenTimeStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		if at, err := r.FirstHidden(t.Context(), acme); err != nil || !at.IsZero() {
			t.Fatalf("before: %v, %v", at, err)
		}
		check(t, r.MarkHidden(t.Context(), acme, born()))
		check(t, vault.New(r.store, r.set, vault.Options{}).MarkHidden(t.Context(), acme, born().Add(time.Hour)))
		at, err := vault.New(r.store, r.set, vault.Options{}).FirstHidden(t.Context(), acme)
		if err != nil || !at.Equal(born().Truncate(time.Millisecond)) {
			t.Errorf("first hidden at %v, %v", at, err)
		}
	})
}

func TestEnvelopeFormsAreKeptForTwoPeriodsAtMost(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		now := time.Now()
		now = now.Add(-time.Duration(now.UnixNano()) % (720 * time.Hour)) // an epoch's first moment
		r := newRoom(t, store, vault.Options{
			Now:       func() time.Time { return now },
			Retention: func(string) webhook.Retention { return webhook.Retention{Messages: 720 * time.Hour} },
		})
		c, other := r.mint(t, number(t, anna)), r.mint(t, number(t, bruno))
		check(t, r.Remember(t.Context(), c, []webhook.Form{{Stanza: "3EB0", Tag: "0.b"}, {Stanza: "3EB1", Tag: "1."}}))
		rows := []struct {
			name   string
			after  time.Duration
			of     *webhook.Customer
			stanza string
			tag    string
		}{
			{"at once", 0, c, "3EB0", "0.b"},
			{"the second of a batch", 0, c, "3EB1", "1."},
			{"a message that nothing was kept of", 0, c, "3EB2", ""},
			{"another customer's", 0, other, "3EB0", ""},
			{"in the next period", 1439 * time.Hour, c, "3EB0", "0.b"},
			{"after two periods", 1440 * time.Hour, c, "3EB0", ""},
		}
		start := now
		for _, row := range rows {
			now = start.Add(row.after)
			tag, ok, err := r.Form(t.Context(), row.of, row.stanza)
			if err != nil || tag != row.tag || ok != (row.tag != "") {
				t.Errorf("%s: %q, %v, %v, want %q", row.name, tag, ok, err, row.tag)
			}
		}
		ttl, err := store.Do(t.Context(), redis.Command("PTTL", store.Keys().Forms(acme, c.ID, start.UnixMilli()/(720*3600*1000)))).Int()
		if left := time.Duration(ttl) * time.Millisecond; err != nil || left <= 0 || left > 1440*time.Hour {
			t.Errorf("the entries live for %v, %v", left, err)
		}
	})
}

func TestTheFirstMessageFromTheBusinessFixesItsUsualEnvelope(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{
			Retention: func(string) webhook.Retention { return webhook.Retention{Customer: 720 * time.Hour} },
		})
		kept := func(c *webhook.Customer, stanza string) bool {
			t.Helper()
			_, ok, err := r.Form(t.Context(), c, stanza)
			check(t, err)
			return ok
		}
		c := r.customer(t, number(t, anna), userID(t, annaID))
		c.SentOpen = true
		_, _, err := r.Mint(t.Context(), c)
		check(t, err)
		record := store.Keys().Customer(acme, c.ID)
		check(t, store.Do(t.Context(), redis.Command("PEXPIRE", record, 1000000)).Err)
		late := *r.find(t, number(t, anna)).Customer // another node's, read before
		check(t, r.Remember(t.Context(), c, []webhook.Form{
			{Stanza: "3EB0", Tag: "0."},
			{Stanza: "3EB1", Tag: "1.", Usual: userID(t, annaID)},
			{Stanza: "3EB2", Tag: "1.", Usual: userID(t, annaID)},
			{Stanza: "3EB3", Tag: "0.", Usual: number(t, anna)},
		}))
		now := r.find(t, number(t, anna)).Customer
		if now.Sent != userID(t, annaID) || now.SentOpen || now.Version != 2 || c.Sent != now.Sent || c.SentOpen || c.Version != 2 {
			t.Errorf("the record was not fixed: open %v, version %d; the caller's: open %v, version %d", now.SentOpen, now.Version, c.SentOpen, c.Version)
		}
		for stanza, want := range map[string]bool{"3EB0": true, "3EB1": false, "3EB2": false, "3EB3": true} {
			if got := kept(c, stanza); got != want {
				t.Errorf("kept of %s: %v, want %v", stanza, got, want)
			}
		}
		ttl, err := store.Do(t.Context(), redis.Command("PTTL", record)).Int()
		if err != nil || ttl <= 0 || ttl > 1000000 {
			t.Errorf("sending to a customer made their record live %d ms, %v", ttl, err)
		}
		check(t, r.Remember(t.Context(), &late, []webhook.Form{{Stanza: "3EB4", Tag: "0.", Usual: number(t, anna)}}))
		check(t, r.Remember(t.Context(), c, []webhook.Form{{Stanza: "3EB5", Tag: "0.", Usual: number(t, anna)}}))
		if now = r.find(t, number(t, anna)).Customer; now.Sent != userID(t, annaID) || !kept(now, "3EB4") || !kept(now, "3EB5") {
			t.Error("what came later moved the usual envelope, or was not kept")
		}
	})
}

func TestWhoWasSeenIsKept(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name               string
		retention          webhook.Retention
		record, identities time.Duration
	}{
		{"without periods everything stays", webhook.Retention{}, 0, 0},
		{"without a period of the marker the index stays", webhook.Retention{Customer: 8760 * time.Hour}, 8760 * time.Hour, 0},
		{"with both the marker outlives the record", webhook.Retention{Customer: time.Hour, HiddenMarker: 2 * time.Hour}, time.Hour, 3 * time.Hour},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			now := time.Now()
			r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{
				Retention: func(string) webhook.Retention { return row.retention },
				Now:       func() time.Time { return now },
			})
			c := r.mint(t, number(t, anna))
			verify := func(when string) {
				t.Helper()
				dump := server.Dump(t)
				if len(dump) != 4 {
					t.Errorf("%s: %d keys, want store, record, handle and identity", when, len(dump))
				}
				for key := range dump {
					want := row.record
					switch {
					case key == redis.StoreKey:
						want = 0
					case len(key) > 9 && key[:9] == "bauta:id:":
						want = row.identities
					}
					ttl, err := server.Client.PTTL(t.Context(), key).Result()
					check(t, err)
					if (want == 0) != (ttl < 0) || ttl > want || (want > 0 && ttl < want-time.Minute) {
						t.Errorf("%s: a key of kind %.12s lives for %v, want %v", when, key, ttl, want)
					}
				}
			}
			verify("minted")
			check(t, r.Touch(t.Context(), []*webhook.Customer{c, nil, {}}))
			for key := range server.Dump(t) {
				if key != redis.StoreKey {
					check(t, server.Client.PExpire(t.Context(), key, time.Minute).Err())
				}
			}
			check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
			if ttl := server.Client.PTTL(t.Context(), r.store.Keys().Customer(acme, c.ID)).Val(); ttl > time.Minute {
				t.Error("a customer was touched twice on one day")
			}
			now = now.Add(24 * time.Hour)
			check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
			verify("seen the next day")
		})
	}
}

// Who got a number is known for as long as the record of the customer who shared it.
func TestWhoGotANumberIsKnownAsLongAsTheCustomer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		now := time.Now()
		r.Vault = vault.New(r.store, r.set, vault.Options{
			Retention: func(string) webhook.Retention { return webhook.Retention{Customer: time.Hour} }, Now: func() time.Time { return now },
		})
		c := r.customer(t, number(t, anna))
		c.Scopes[webhook.Direct].Sharing.ActBy = "e1"
		c.Scopes[subgroup] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Hidden, Sharing: webhook.Sharing{ActBy: "e2"}}
		_, _, err := r.Mint(t.Context(), c)
		check(t, err)
		for scope := range c.Scopes {
			check(t, r.store.Client().HSet(t.Context(), r.store.Keys().Shown(acme, c.ID, c.Conversation(r.set, scope)), "crm", "1 2 3").Err())
		}
		check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
		for scope := range c.Scopes {
			ttl, err := r.store.Client().PTTL(t.Context(), r.store.Keys().Shown(acme, c.ID, c.Conversation(r.set, scope))).Result()
			if check(t, err); ttl <= 59*time.Minute || ttl > time.Hour {
				t.Errorf("in %q it lives for %v, want an hour", scope, ttl)
			}
		}
	})
}

// A short period begins anew more often than once a day, handles included.
func TestWhoIsSeenWithinAShortPeriodIsKept(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	now := born()
	r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{
		Retention: func(string) webhook.Retention { return webhook.Retention{Customer: 8 * time.Hour} },
		Now:       func() time.Time { return now },
	})
	c := r.mint(t, number(t, anna))
	check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
	handle := r.store.Keys().Handle(acme, c.Scopes[webhook.Direct].Handle.Key())
	for _, key := range []string{r.store.Keys().Customer(acme, c.ID), handle} {
		check(t, server.Client.PExpire(t.Context(), key, time.Hour).Err())
	}
	now = now.Add(2 * time.Hour)
	check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
	for _, key := range []string{r.store.Keys().Customer(acme, c.ID), handle} {
		if left := server.Client.PTTL(t.Context(), key).Val(); left < 7*time.Hour {
			t.Errorf("two hours later a key of kind %.12s lives for %v, want 8 h", key, left)
		}
	}
}

func TestNobodyIsKeptForLongerThanTheAbsolutePeriod(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	rows := []struct {
		name      string
		retention webhook.Retention
		// record and identities live so long for somebody of 70 days.
		record, identities time.Duration
	}{
		{"alone it counts", webhook.Retention{CustomerAbsolute: 90 * day}, 20 * day, 0},
		{"the earlier end counts", webhook.Retention{Customer: 30 * day, CustomerAbsolute: 90 * day}, 20 * day, 0},
		{"the sliding period may be the earlier", webhook.Retention{Customer: 10 * day, CustomerAbsolute: 90 * day}, 10 * day, 0},
		{"the marker is kept from then on", webhook.Retention{Customer: 30 * day, CustomerAbsolute: 90 * day, HiddenMarker: 5 * day}, 20 * day, 25 * day},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			now := born()
			r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{
				Retention: func(string) webhook.Retention { return row.retention }, Now: func() time.Time { return now },
			})
			c := r.mint(t, number(t, anna))
			now = born().Add(70 * day)
			record, handle := r.store.Keys().Customer(acme, c.ID), r.store.Keys().Handle(acme, c.Scopes[webhook.Direct].Handle.Key())
			verify := func(when string) {
				t.Helper()
				for key := range server.Dump(t) {
					want := row.identities
					switch key {
					case record, handle:
						want = row.record
					case redis.StoreKey:
						want = 0
					}
					left := server.Client.PTTL(t.Context(), key).Val()
					if (want == 0) != (left < 0) || left > want || want > 0 && left < want-time.Minute {
						t.Errorf("%s: a key of kind %.12s lives for %v, want %v", when, key, left, want)
					}
				}
			}
			check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
			verify("seen")
			check(t, r.Update(t.Context(), c))
			verify("changed")
		})
	}
}

// Whose time is over is forgotten like anybody: they come back marked.
func TestWhoseAbsolutePeriodIsOverIsForgotten(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	now := born()
	r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{
		Retention: func(string) webhook.Retention {
			return webhook.Retention{Customer: time.Hour, CustomerAbsolute: time.Hour}
		},
		Now: func() time.Time { return now },
	})
	c := r.mint(t, number(t, anna))
	now = now.Add(time.Hour)
	check(t, r.Touch(t.Context(), []*webhook.Customer{c}))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for server.Client.Exists(ctx, r.store.Keys().Customer(acme, c.ID)).Val() == 1 {
	}
	check(t, ctx.Err())
	if found := r.find(t, number(t, anna)); found.Customer != nil || !found.Marked {
		t.Errorf("found %v, marked %v: want nobody, marked", found.Customer != nil, found.Marked)
	}
}

func TestARecordThatWasNeverConfirmedExpires(t *testing.T) {
	t.Parallel()
	fault := &redistest.Fault{}
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{Hooks: hooks(fault)}), vault.Options{})
	fault.Arm(3, true) // record and handles were written (after NOSCRIPT), the index is not
	if _, _, err := r.Mint(t.Context(), r.customer(t, number(t, anna))); !errors.Is(err, redis.ErrUnavailable) {
		t.Fatalf("a broken mint: %v, want ErrUnavailable", err)
	}
	fault.Arm(0, false)
	orphans := 0
	for key := range server.Dump(t) {
		if key == redis.StoreKey {
			continue
		}
		orphans++
		// Longer than the platform's seven days of redelivery, and not for ever.
		ttl := server.Client.PTTL(t.Context(), key).Val()
		if ttl < 7*24*time.Hour || ttl > 9*24*time.Hour {
			t.Errorf("a key of kind %.12s lives for %v", key, ttl)
		}
	}
	if orphans != 2 {
		t.Errorf("%d keys are left, want record and handle", orphans)
	}
}

// A node that was started anew, or serves more customers than it remembers, sees by the
// record whose period began anew of late.
func TestWhoWasSeenTodayIsNotWrittenAgainByANodeThatDoesNotRemember(t *testing.T) {
	t.Parallel()
	const period = 240 * time.Hour
	for name, row := range map[string]struct {
		retention, left time.Duration
		renewed         bool
	}{
		"seen an hour ago":            {retention: period, left: period - time.Hour},
		"seen two days ago":           {retention: period, left: period - 48*time.Hour, renewed: true},
		"kept for ever":               {},
		"not for ever, as it is now":  {left: period, renewed: true},
		"kept longer before":          {retention: period, left: 2 * period, renewed: true},
		"kept for ever before":        {retention: period, left: -1, renewed: true},
		"minted, and never completed": {retention: period, left: 8 * 24 * time.Hour, renewed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			options := vault.Options{Retention: func(string) webhook.Retention { return webhook.Retention{Customer: row.retention} }}
			r := newRoom(t, server.Open(t, redis.Options{}), options)
			c := r.mint(t, number(t, anna))
			record, handle := r.store.Keys().Customer(acme, c.ID), r.store.Keys().Handle(acme, c.Scopes[webhook.Direct].Handle.Key())
			switch {
			case row.left > 0:
				check(t, server.Client.PExpire(t.Context(), record, row.left).Err())
			case row.left < 0:
				check(t, server.Client.Persist(t.Context(), record).Err())
			}
			check(t, server.Client.PExpire(t.Context(), handle, time.Minute).Err())
			node := vault.New(r.store, r.set, options)
			found, err := node.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: number(t, anna)}})
			check(t, err)
			check(t, node.Touch(t.Context(), []*webhook.Customer{found[0].Customer}))
			ttl, err := server.Client.PTTL(t.Context(), handle).Result()
			if renewed := ttl < 0 || ttl > time.Minute; err != nil || renewed != row.renewed {
				t.Errorf("written anew: %v (%v, %v), want %v", renewed, ttl, err, row.renewed)
			}
		})
	}
}
