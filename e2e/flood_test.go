package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// status reads a line of /proc/<pid>/status, such as VmHWM, in KiB.
func (b *bauta) status(t *testing.T, name string) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s", name)
	return 0
}

// idlers opens connections that ask once and then do nothing, at most as many as this
// process may have files; half of them leave a request unfinished.
func (b *bauta) idlers(t *testing.T, wanted int) int {
	t.Helper()
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	n := min(wanted, int(files.Cur/2))
	if n < wanted {
		t.Logf("%d connections and not %d: this process may open %d files", n, wanted, files.Cur)
	}
	address := strings.TrimPrefix(b.public, "http://")
	var opened sync.WaitGroup
	tokens := make(chan struct{}, 64)
	for range n {
		tokens <- struct{}{}
		opened.Go(func() {
			defer func() { <-tokens }()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				t.Error(err)
				return
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Errorf("/healthz: %v", err)
			}
		})
	}
	opened.Wait()
	return n
}

// flood sends bodies, so many at the same time, and counts the answers; 0 is none.
func (b *bauta) flood(t *testing.T, many, at int, body func(n int) (body []byte, signature string)) map[int]int {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	counts, turns := map[int]int{}, make(chan struct{}, at)
	for n := range many {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			text, signature := body(n)
			status := b.post(t, text, signature)
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	all.Wait()
	return counts
}

// post sends a webhook and returns the status, 0 where the connection was closed.
func (b *bauta) post(t *testing.T, body []byte, signature string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.public+"/webhooks/main", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("X-Hub-Signature-256", signature)
	answer, err := client().Do(request)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}

// passerBy is one of very many customers.
func passerBy(n int) simulator.Person {
	return simulator.Person{Number: fmt.Sprintf("39333%07d", n), UserID: fmt.Sprintf("IT.9%07d", n), Name: "Bea"}
}

// Ten thousand idle connections, a flood of unsigned bodies of 3 MB, and one of signed
// bodies of half a megabyte that the endpoint is too slow for and Redis has no room for:
// the node's memory stays what GOMEMLIMIT says, with the program itself beside it, it
// goes on working, and what it acknowledged arrives. deploy/reference/operating.md promises the bound.
func TestAFloodNeedsNoMoreMemory(t *testing.T) { //nolint:paralleltest // others would wait for it
	const limit, beside = 192 << 10, 64 << 10 // KiB
	hold := make(chan struct{})
	crm := newCRM(t)
	server := redistest.Standalone(t, "--maxmemory", "160mb", "--maxmemory-policy", "noeviction")
	b := serve(t, configure(t, setup{Redis: server.URL, CRM: crm.server.URL, Log: "info", Timeout: "2m"}), fmt.Sprintf("GOMEMLIMIT=%dKiB", limit))
	idle := b.idlers(t, 10_000)
	t.Logf("%d idle connections: %d KiB", idle, b.status(t, "VmRSS"))
	b.send(t, says(ada(), "3A0A01", "beside them", nil))
	crm.wait(t, 1)

	crm.mu.Lock()
	crm.before = func(*http.Request) { <-hold }
	crm.mu.Unlock()
	let := sync.OnceFunc(func() { close(hold) })
	t.Cleanup(let)
	noise, unsigned := bytes.Repeat([]byte{'x'}, 3<<20), "sha256="+strings.Repeat("0", 64)
	got := b.flood(t, 300, 48, func(int) ([]byte, string) { return noise, unsigned })
	t.Logf("unsigned bodies of 3 MB: %v, at most %d KiB", got, b.status(t, "VmHWM"))
	if got[http.StatusUnauthorized] == 0 || got[http.StatusOK] != 0 {
		t.Errorf("unsigned bodies: %v", got)
	}
	text := strings.Repeat("wide and long ", 512<<10/14)
	got = b.flood(t, 300, 48, func(n int) ([]byte, string) {
		body := says(passerBy(n), fmt.Sprintf("3A0B%06X", n), text, nil)
		return body, simulator.Sign(appSecret, body)
	})
	t.Logf("signed bodies of half a megabyte: %v, at most %d KiB", got, b.status(t, "VmHWM"))
	if got[http.StatusOK] == 0 || got[http.StatusServiceUnavailable] == 0 {
		t.Errorf("signed bodies: %v, want some that there is room for and some that have to come later", got)
	}
	let()
	crm.wait(t, 1+got[http.StatusOK])
	if peak := b.status(t, "VmHWM"); peak > limit+beside {
		t.Errorf("it took %d KiB, more than GOMEMLIMIT (%d KiB) and %d KiB", peak, limit, beside)
	}
}

// spent is how much processor time the node has used, in ticks.
func (b *bauta) spent(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", b.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	if errUser != nil || errSystem != nil {
		t.Fatal(errUser, errSystem)
	}
	return user + system
}

// What is not signed rightly costs less than what is: a flood of it takes no more from
// the platform's own webhooks than these would.
func TestAWrongSignatureCostsLess(t *testing.T) { //nolint:paralleltest // others would wait for it
	s := start(t, setup{Log: "info"})
	text := strings.Repeat("some text ", 400)
	send := func(round int, sign func(body []byte) string) (cost int, got map[int]int) {
		before := s.spent(t)
		got = s.flood(t, 1500, 8, func(n int) ([]byte, string) {
			body := says(passerBy(n), fmt.Sprintf("3A0C%02X%06X", round, n), text, nil)
			return body, sign(body)
		})
		return s.spent(t) - before, got
	}
	right, stored := send(0, func(body []byte) string { return simulator.Sign(appSecret, body) })
	wrong, refused := send(1, func(body []byte) string { return simulator.Sign("another", body) })
	t.Logf("1500 right ones: %d ticks, 1500 wrong ones: %d ticks", right, wrong)
	if stored[http.StatusOK] != 1500 || refused[http.StatusUnauthorized] != 1500 {
		t.Errorf("right ones: %v, wrong ones: %v", stored, refused)
	}
	if wrong >= right {
		t.Errorf("wrong signatures cost %d ticks, right ones %d", wrong, right)
	}
}
