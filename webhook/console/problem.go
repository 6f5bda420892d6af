package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"bauta/webhook/operate"
)

var (
	errNoPage = errors.New("there is no such page")
	errForm   = errors.New("the form is not one of this session's pages")
)

// problemView is what went wrong, and what to do.
type problemView struct {
	// Key of problem.KEY.title and problem.KEY.text.
	Key string
	// Detail in English, such as what a field may hold; "" if there is none.
	Detail string
}

// problem shows an error. Nothing of an error that is not known is shown or logged but its
// type: it may hold anything.
func (c *Console) problem(v *visit, err error) {
	if v.ctx().Err() != nil {
		return // nobody is there to be answered
	}
	key, status := problemOf(err)
	p := problemView{Key: key}
	if errors.Is(err, operate.ErrInvalid) {
		p.Detail = strings.TrimPrefix(err.Error(), operate.ErrInvalid.Error()+": ")
	}
	if key == "store" {
		c.Logger.WarnContext(v.ctx(), "the console could not be answered", "path", v.r.Pattern, "type", fmt.Sprintf("%T", err))
	}
	_ = c.render(v, "problem", status, p) // it says itself what fails
}

func problemOf(err error) (key string, status int) {
	switch {
	case errors.Is(err, errNoPage):
		return "page", http.StatusNotFound
	case errors.Is(err, errForm):
		return "form", http.StatusForbidden
	case errors.Is(err, operate.ErrUnknown):
		return "unknown", http.StatusNotFound
	case errors.Is(err, operate.ErrInvalid):
		return "invalid", http.StatusBadRequest
	case errors.Is(err, operate.ErrUnderWay):
		return "under_way", http.StatusConflict
	case errors.Is(err, operate.ErrNotYours):
		return "not_yours", http.StatusForbidden
	case errors.Is(err, context.DeadlineExceeded):
		return "slow", http.StatusServiceUnavailable
	}
	return "store", http.StatusServiceUnavailable
}
