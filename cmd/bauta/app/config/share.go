package config

import (
	"errors"
	"math"
	"strconv"
)

// Share is a part of a whole: 0.01 is one in a hundred.
type Share float64

func (s *Share) parse(text string) error {
	parsed, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(parsed) || math.IsInf(parsed, 0) {
		return errors.New("not a part of a whole: write 0.01 for one in a hundred, 1 for all")
	}
	*s = Share(parsed)
	return nil
}

func (s *Share) amount() float64 { return float64(*s) }
