package redis_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bauta/redis"
	"bauta/redis/redistest"
)

// What one right less leads to is said at the start, and the rights themselves suffice.
func TestAUserThatLacksRightsIsRefused(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, less, want string }{
		{"all that are needed", "", ""},
		{"no scripts", "-evalsha", ": evalsha. Give it"},
		{"no appending", "-rpush", "lacks rights on the server at 127.0.0.1"},
		{"no appending and no lists by score", "-rpush -zadd", ": rpush, zadd. Give it"},
		{"other keys", "resetkeys ~other:*", ": del (on keys bauta:*), "},
		{"no channel", "resetchannels", "publish (on channel bauta:wake), subscribe (on channel bauta:wake)"},
		{"no subscriptions", "-subscribe", ": subscribe. Give it"},
		{"no question for rights", "-multi", ": multi. Give it"},
		{"no clock", "-time", ": time. Give it"},
	}
	server := redistest.Standalone(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			url := server.As(t, strings.Fields(redis.Rights()+" "+row.less)...)
			store, err := redis.Open(t.Context(), redis.Options{URL: url})
			if store != nil {
				_ = store.Close()
			}
			if row.want == "" && err != nil {
				t.Fatalf("open: %v", err)
			}
			if row.want != "" && (!errors.Is(err, redis.ErrMisconfigured) || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("open: %v, want ErrMisconfigured with %q", err, row.want)
			}
		})
	}
}

// The question for rights leaves no trace, in the store or on the connection.
func TestAskingForRightsChangesNothing(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	store := server.Open(t, redis.Options{Shards: 64, Fingerprint: "one"})
	if held := server.Dump(t); len(held) != 1 {
		t.Errorf("there is %v, want the store's own key", held)
	}
	for range 20 {
		if n, err := store.Do(t.Context(), redis.Command("INCR", "bauta:ad:acme:1")).Int(); err != nil || n == 0 {
			t.Fatalf("a command after it: %d, %v", n, err)
		}
	}
}

// The least rights: what the code runs, and nothing else.
func TestTheRightsAreThoseThatAreUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{
		// The client's own, and those of calls that name no command in the source.
		"asking": true, "cluster|slots": true, "config|get": true, "info": true, "ping": true, "select": true, "wait": true,
		"eval": true, "evalsha": true, "subscribe": true, "multi": true, "discard": true,
		"scan": true, "dbsize": true, "bgsave": true, "cluster|nodes": true, // keys rotate
		"watch": true, "unwatch": true, "exec": true, // the balance of events
	}
	named := regexp.MustCompile(`(?:\bCommand\("|redis\.call\s*\(\s*["'])([A-Za-z]+)`)
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "redistest") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range named.FindAllSubmatch(text, -1) {
			used[strings.ToLower(string(m[1]))] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "~bauta:* &bauta:wake -@all +" + strings.Join(slices.Sorted(maps.Keys(used)), " +")
	if got := redis.Rights(); got != want {
		t.Errorf("the rights are\n%s\nwant\n%s", got, want)
	}
	reference, err := os.ReadFile("../deploy/reference/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(strings.Fields(string(reference)), " "), want) {
		t.Errorf("deploy/reference/redis.md does not have this line: %s", want)
	}
}
