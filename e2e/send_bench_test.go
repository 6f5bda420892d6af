package e2e

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// senders is how many callers send at the same time.
const senders = 8

// BenchmarkSend is what a send costs through Bauta, through a plain reverse proxy
// that translates nothing, and without either; the platform is the same stand-in.
// cpu-us/op is the processor time of the process in between; p50-us and p99-us are
// what the caller waits. Compare the ratios within one run.
func BenchmarkSend(b *testing.B) {
	c := converse(b, setup{Log: "info", Limits: "per_token: 100000/s"}, ada())
	handle := c.hears(b, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}).header.Get("Bauta-Handle")
	proxy, proxyProcess := startProxy(b, c.platform)
	for _, way := range []struct {
		name, url, token, to string
		process              int
	}{
		{"direct", c.platform, accessToken, "+" + ada().Number, 0},
		{"proxy", proxy, accessToken, "+" + ada().Number, proxyProcess},
		{"bauta", c.public, c.token, handle, c.cmd.Process.Pid},
	} {
		b.Run(way.name, func(b *testing.B) {
			o := order{url: way.url + messages(), token: way.token, body: text(way.to, "Your order is on its way: tomorrow between nine and eleven.")}
			o.send(b, 10*senders) // connections, caches
			before := processorTime(b, way.process)
			b.ResetTimer()
			waits := o.send(b, b.N)
			b.StopTimer()
			used := processorTime(b, way.process) - before
			slices.Sort(waits)
			b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds()), "p99-us")
			if way.process != 0 {
				b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-us/op")
			}
		})
	}
}

// order is one message, sent again and again.
type order struct{ url, token, body string }

// send sends it n times and returns how long each took.
func (o order) send(b *testing.B, n int) []time.Duration {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: senders}
	defer transport.CloseIdleConnections()
	caller := &http.Client{Transport: transport, Timeout: patience}
	waits, next := make([]time.Duration, n), make(chan int)
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for i := range next {
				begun := time.Now()
				if status := o.once(b.Context(), caller); status != http.StatusOK {
					b.Errorf("a send was answered %d", status)
				}
				waits[i] = time.Since(begun)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
	return waits
}

func (o order) once(ctx context.Context, caller *http.Client) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url, strings.NewReader(o.body))
	if err != nil {
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := caller.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// startProxy builds and runs the plain proxy, and returns its URL and process.
func startProxy(b *testing.B, target string) (url string, process int) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "proxy")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", path, "./testdata/proxy").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(context.WithoutCancel(b.Context()), path, target)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return "http://" + strings.TrimSpace(address), cmd.Process.Pid
}

// processorTime is what a process has used so far, by Linux's accounting in ticks
// of 10 ms (proc(5), fields 14 and 15); 0 for process 0.
func processorTime(b *testing.B, process int) time.Duration {
	b.Helper()
	if process == 0 {
		return 0
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/stat")
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
