package leak_test

import (
	"math"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bauta/masking"
	"bauta/masking/leak"
)

// A body 16 times as long takes about 16 times the work: 64 times is taken for linear
// still, the square would be 256 times. The thread's own time counts, whatever else the
// machine does; of several runs the shortest, and one attempt of many is enough.
func TestCostIsLinearWhateverTheBodyHolds(t *testing.T) {
	t.Parallel()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const small, longer, most, attempts = 8 << 10, 16, 64, 20
	s := secrets(american, "4512345679")
	s.UserIDs = []masking.UserID{userID("US.13491208655302741918")}
	check := leak.New(s)
	shortest := func(body []byte, runs int) time.Duration {
		best := time.Duration(math.MaxInt64)
		for range runs {
			began := worked(t)
			check.Run(body, nil)
			best = min(best, worked(t)-began)
		}
		return best
	}
	big := adversarial(small * longer)
	for name, body := range adversarial(small) {
		linear, ratio := false, 0.0
		for range attempts {
			ratio = float64(shortest(big[name], 1)) / float64(shortest(body, 3))
			if linear = ratio < most; linear {
				break
			}
		}
		if !linear {
			t.Errorf("%s: %d times the bytes take %.0f times as long, %d times over", name, longer, ratio, attempts)
		}
	}
}

// worked is how long the thread that calls it has been at work.
func worked(tb testing.TB) time.Duration {
	tb.Helper()
	var spent unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &spent); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(spent.Nano())
}
