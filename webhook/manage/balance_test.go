package manage_test

import (
	"errors"
	"strings"
	"testing"
)

func TestTheBalanceIsToldByMinuteAndInTotal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.stock.count(23, 5)
	const day = "/v1/balance?from=2026-09-10T00:00:00Z&to=2026-09-11T00:00:00Z"
	wantBody(t, r.do(t, call{path: day + "&by=total"}), `{"rows":[{"from":"2026-09-10T00:00:00Z","to":"2026-09-11T00:00:00Z",`+
		`"accepted":115,"delivered":92,"waiting":23,"dead":0,"held":0,"expired":0,"dropped":0,"erased":0,"lost":0}],`+
		`"next":null,"unaccounted":2,"looked_at":"2026-09-10T08:30:00Z"}`)
	wantBody(t, r.do(t, call{path: "/v1/balance?from=2026-09-10T10:01:30%2B02:00&to=2026-09-10T10:01:31%2B02:00"}),
		`{"rows":[{"from":"2026-09-10T08:01:00Z","to":"2026-09-10T08:02:00Z",`+
			`"accepted":5,"delivered":4,"waiting":1,"dead":0,"held":0,"expired":0,"dropped":0,"erased":0,"lost":0}],`+
			`"next":null,"unaccounted":2,"looked_at":"2026-09-10T08:30:00Z"}`)
	rows, next := 0, ""
	for {
		got := r.do(t, call{path: day + "&limit=10" + next})
		rows += strings.Count(got.body, `"accepted":5`)
		_, rest, more := strings.Cut(got.body, `"next":"`)
		if !more {
			break
		}
		cursor, _, _ := strings.Cut(rest, `"`)
		next = "&after=" + cursor
	}
	if rows != 23 {
		t.Errorf("pages have %d minutes, want 23", rows)
	}
	wantBody(t, r.do(t, call{path: day, bearer: ofOther}), `{"rows":[],"next":null,"unaccounted":0,"looked_at":null}`)
}

func TestABalanceThatNobodyCanTell(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for query, want := range map[string]string{
		"?from=yesterday": "The parameter from is not a time such as 2026-09-10T08:00:00Z.",
		"?to=17":          "The parameter to is not a time such as 2026-09-10T08:00:00Z.",
		"?by=hour":        "The parameter by is neither minute nor total.",
		"?from=2026-09-10T08:00:00Z&to=2026-09-10T08:00:00Z": "The time from has to be before to, by at most 8 days: that is how long counters are kept.",
		"?from=2026-09-01T08:00:00Z&to=2026-09-10T08:00:00Z": "The time from has to be before to, by at most 8 days: that is how long counters are kept.",
		"?by=total&by=total":                      "The query has a parameter that this call does not take, or one twice. It takes business, from, to, by, after and limit, each once.",
		"?after=" + cursor("balance/acme/", "x"):  "The parameter after is not a cursor of this list.",
		"?after=" + cursor("balance/other/", "1"): "The parameter after is not a cursor of this list.",
		"?from=" + strings.Repeat("9", 9000):      "The query is longer than 8 KiB.",
	} {
		got := r.do(t, call{path: "/v1/balance" + query})
		if got.status != 400 || !strings.Contains(got.body, want) {
			t.Errorf("%.60s: %d %s", query, got.status, got.body)
		}
	}
	if got := r.do(t, call{path: "/v1/audit?from=2026-09-10T08:00:00Z"}); got.status != 400 {
		t.Errorf("the audit log takes a parameter of the balance: %d", got.status)
	}
	r.stock.fail(errors.New("away"))
	if got := r.do(t, call{path: "/v1/balance"}); got.status != 503 {
		t.Errorf("without a store: %d %s", got.status, got.body)
	}
}
