package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// The measurement measures: a round of it, as small as can be, has every figure of the
// table. What they are is no test's affair.
func TestTheSpeedIsMeasured(t *testing.T) {
	t.Parallel()
	measured(t, []string{"-events", "1000", "-customers", "50"},
		"floor: receive, CPU", "floor: deliver, CPU", "Bauta: receive, mask, store, CPU", "Bauta: all, CPU of Redis", "Bauta: all at saturation",
		"Bauta: acknowledgement p99 at 500/s", "Bauta: end to end p50 at 200/s", "ratio: all with Redis, Bauta to floor")
	if _, err := exec.CommandContext(t.Context(), "go", "run", "./speed").CombinedOutput(); err == nil {
		t.Error("it measures without being told what")
	}
}

func TestTheCostAmongManyIsMeasured(t *testing.T) {
	t.Parallel()
	measured(t, []string{"-events", "200", "-many", "20,40", "-businesses", "2"},
		"20 customers, a lane of each waiting: CPU of Redis", "40 customers, a lane of each waiting: commands of Redis",
		"40 customers, a lane of each waiting: both beside the fewest", "2 businesses: idle, with Redis")
}

// measured wants figures above nothing in the table of one short round.
func measured(t *testing.T, flags []string, figures ...string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"run", "./speed", "-bauta", path, "-rounds", "1", "-steady", "200ms"}, flags...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("speed: %v\n%s", err, out)
	}
	for _, figure := range figures {
		_, rest, found := strings.Cut(string(out), "| "+figure+" ")
		if !found {
			t.Errorf("the table has no %q:\n%s", figure, out)
			continue
		}
		if value := strings.TrimSpace(strings.Split(rest, "|")[1]); value == "" || value == "0" || strings.HasPrefix(value, "-") {
			t.Errorf("%s is %q", figure, value)
		}
	}
}
