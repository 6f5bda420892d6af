package forward

import "testing"

// The wanted classes are those of deploy/reference/endpoints.md and Standard Webhooks 1.0's: 2xx is
// success, 3xx a failure, 410 disables, 408, 425, 429 and 5xx come again, every
// other 4xx is the receiver's refusal.
func TestEveryStatusHasItsClass(t *testing.T) {
	t.Parallel()
	type row struct {
		class  class
		reason Reason
	}
	special := map[int]row{
		408: {fault, Busy}, 410: {gone, Gone}, 425: {fault, Busy}, 429: {fault, Throttled},
	}
	byHundred := map[int]row{
		1: {fault, OddStatus}, 2: {success, OK}, 3: {fault, Redirect}, 4: {refused, Refusal}, 5: {fault, ServerError},
	}
	for status := 100; status <= 599; status++ {
		want, ok := special[status]
		if !ok {
			want = byHundred[status/100]
		}
		c, why := classify(status)
		if got := (row{c, why}); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
	for _, status := range []int{0, 99, 600, 999} {
		if c, why := classify(status); c != fault || why != OddStatus {
			t.Errorf("%d: %v %v, want a fault of an odd status", status, c, why)
		}
	}
}

func TestTheZeroClassRepeats(t *testing.T) {
	t.Parallel()
	var c class
	if c != fault {
		t.Fatal("a result that nobody judged is not repeated")
	}
}
