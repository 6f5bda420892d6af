package reply

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"net/http"
	"time"

	"bauta/webhook"
	"bauta/webhook/meta"
)

const (
	// mostKey is the longest Idempotency-Key, in bytes.
	mostKey = 255
	// headerReplayed marks an answer that was given before.
	headerReplayed = "Idempotency-Replayed"
	// settleTimeout bounds the keeping of an outcome.
	settleTimeout = 5 * time.Second
	// pendingWait is how long a caller waits for another that makes the same call.
	pendingWait = 5 * time.Second
)

// keyOf reads the Idempotency-Key: "" without one.
func keyOf(header http.Header) (string, error) {
	values := header.Values(headerKey)
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 || values[0] == "" || len(values[0]) > mostKey || !isVisible(values[0]) {
		return "", fail(meta.FaultBadParameter, "The Idempotency-Key is given more than once, or is not 1 to 255 visible ASCII characters.")
	}
	return values[0], nil
}

func isVisible(text string) bool {
	for _, b := range []byte(text) {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return true
}

// once makes a call that changes something. Under an Idempotency-Key it is made one
// time within 24 hours, however often, to whichever node and over whichever crash it
// comes: whoever repeats it gets its outcome, or is told that nobody knows it. What
// certainly was not sent can be repeated under the same key.
func (h *Handler) once(ctx context.Context, r *request, do func(context.Context) (*outcome, error)) (*outcome, error) {
	if r.key == "" {
		return do(ctx)
	}
	claim, saved, err := h.Once.Begin(ctx, r.business.ID, r.key, r.fingerprint())
	switch {
	case errors.Is(err, webhook.ErrOtherCall):
		return nil, fail(meta.FaultKeyReused, "")
	case err != nil:
		h.notices.store(ctx, r.business.ID, err)
		return nil, unavailable()
	case claim == "":
		return replayed(saved)
	}
	// If do panics or the process ends, the claim stays: nothing is sent twice.
	out, err := do(ctx)
	h.settle(context.WithoutCancel(ctx), r, claim, out, err)
	return out, err
}

// replayed is the outcome that was kept. Without one nobody knows it: the call is
// under way, its node crashed, or the platform did not answer.
func replayed(saved []byte) (*outcome, error) {
	out, ok := readOutcome(saved)
	if !ok {
		return nil, fail(meta.FaultKeyPending, "").wait(pendingWait)
	}
	out.header.Set(headerReplayed, "true")
	return out, nil
}

// settle ends a claim by what became of the call.
func (h *Handler) settle(ctx context.Context, r *request, claim string, out *outcome, failed error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	var err error
	switch {
	case failed == nil && !out.unsent:
		kept := webhook.Kept{Outcome: writeOutcome(out)}
		if c := out.about; c != nil {
			kept.Customer, kept.Key = c.ID, c.DataKey
		}
		err = h.Once.Finish(ctx, r.business.ID, r.key, claim, kept)
	case failed == nil || unmade(failed):
		err = h.Once.Release(ctx, r.business.ID, r.key, claim)
	default:
		return // it may have been made: the claim stays
	}
	if err != nil {
		// The claim stays, so that a repetition is told to wait rather than made.
		h.Logger.WarnContext(ctx, "what became of a call under an Idempotency-Key could not be kept", "trace", r.trace, "business", r.business.ID,
			"route", r.name(), "error", err)
	}
}

// unmade tells that the platform certainly did nothing.
func unmade(err error) bool {
	if errors.Is(err, errGone) {
		return true
	}
	f, ok := errors.AsType[*failure](err)
	return ok && !f.uncertain && f.fault.Name != meta.FaultInternal
}

// fingerprint tells calls under one key apart: what is called, about what, and every
// byte that is sent.
func (r *request) fingerprint() [32]byte {
	sum := sha256.New()
	kind := typeJSON
	if r.form {
		kind = typeForm
	}
	for _, part := range []string{r.route.Method, r.route.Name, r.object, r.edge, r.query.Encode(), kind} {
		include(sum, []byte(part))
	}
	include(sum, r.body)
	return [32]byte(sum.Sum(nil))
}

// include hashes a part with its length, so that no two lists of parts are alike.
func include(sum hash.Hash, part []byte) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(part)))
	_, _ = sum.Write(length[:])
	_, _ = sum.Write(part)
}
