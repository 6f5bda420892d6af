package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// someone is one of many customers.
func someone(n int) simulator.Person {
	return simulator.Person{Number: fmt.Sprintf("1650556%04d", n), UserID: fmt.Sprintf("US.%016d", 9000+n), Name: fmt.Sprintf("Somebody %c", 'A'+n%26)}
}

// writers is how many customers a batch has.
const writers = 20

// batch is a body of n text messages of several customers; the one at bad (none:
// below 0) has a text that cannot be read.
func batch(n, bad int) []byte {
	changes := make([]string, n)
	for i := range n {
		var one struct {
			Entry []struct {
				Changes []json.RawMessage `json:"changes"`
			} `json:"entry"`
		}
		body := says(someone(i%writers), fmt.Sprintf("3A04%05d", i), fmt.Sprintf("number %d of the batch", i), nil)
		if err := json.Unmarshal(body, &one); err != nil {
			panic(err)
		}
		changes[i] = string(one.Entry[0].Changes[0])
		if i == bad {
			changes[i] = strings.Replace(changes[i], " of the batch", `\ud800`, 1)
		}
	}
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[%s]}]}`, waba, strings.Join(changes, ","))
}

// inOrder wants every message of a batch but the bad one once, and each
// customer's in order.
func inOrder(t *testing.T, got []delivery, n, bad int) {
	t.Helper()
	last, seen := map[int]int{}, map[int]bool{}
	for _, d := range got {
		_, rest, ok := strings.Cut(d.body, `"number `)
		var i int
		if _, err := fmt.Sscanf(rest, "%d of", &i); err != nil || !ok {
			t.Fatalf("not of the batch: %s", d.body)
		}
		if seen[i] {
			t.Errorf("message %d came twice", i)
		}
		seen[i] = true
		if before, ok := last[i%writers]; ok && i < before {
			t.Errorf("message %d came after message %d of the same customer", i, before)
		}
		last[i%writers] = i
	}
	for i := range n {
		if seen[i] == (i == bad) {
			t.Errorf("message %d: delivered %t", i, seen[i])
		}
	}
}
