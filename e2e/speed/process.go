package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a subject that runs.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// start runs a program until stop. Its standard error is read line by line by hear,
// if that is not nil.
func start(ctx context.Context, hear func(line []byte), name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...), ended: make(chan struct{})} //nolint:gosec // a program of the measurement
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if hear != nil {
				hear(lines.Bytes())
			}
		}
		_, _ = io.Copy(io.Discard, stderr)
		_ = p.cmd.Wait()
	}()
	return p, nil
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// cpu is the CPU time of all the process's threads, by the clock that Linux keeps of
// each process (clock_getcpuclockid(3)), in nanoseconds.
func (p *process) cpu() (time.Duration, error) {
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|2), &at); err != nil { //nolint:gosec // a pid is small
		return 0, fmt.Errorf("read the CPU time of %s: %w", p.cmd.Path, err)
	}
	return time.Duration(at.Nano()), nil
}

// peak is the most memory that was resident, in bytes (proc(5), VmHWM).
func (p *process) peak() (int64, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if rest, ok := strings.CutPrefix(string(line), "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("/proc tells no VmHWM of %s", p.cmd.Path)
}
