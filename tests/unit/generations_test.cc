// The bounded map: what stays, what goes, and how much goes at once.
#include "base/generations.h"

#include <memory>

#include <gtest/gtest.h>

namespace playhead {
namespace {

using Numbers = Generations<int, std::shared_ptr<int>>;

TEST(Generations, WhatIsKeptIsFoundAndReplaced) {
  Numbers numbers(10);
  EXPECT_EQ(numbers.find(1), nullptr);
  EXPECT_EQ(**numbers.insert(1, std::make_shared<int>(5)), 5);
  **numbers.find(1) = 6;
  EXPECT_EQ(**numbers.find(1), 6);
  numbers.insert(1, std::make_shared<int>(7));
  EXPECT_EQ(**numbers.find(1), 7);
  EXPECT_EQ(numbers.size(), 1U);
  numbers.erase(1);
  EXPECT_EQ(numbers.find(1), nullptr);
}

TEST(Generations, TheBoundHoldsAndTheBusyStay) {
  Numbers numbers(100);
  const auto busy = std::make_shared<int>(0);
  numbers.insert(0, busy);
  for (int i = 1; i < 10'000; ++i) {
    numbers.insert(i, std::make_shared<int>(i));
    ASSERT_LE(numbers.size(), 100U);
    if (i % 40 == 0) {
      ASSERT_NE(numbers.find(0), nullptr) << i;
    }
  }
  EXPECT_NE(numbers.find(9'999 - 49), nullptr);
  EXPECT_EQ(numbers.find(1), nullptr);
}

TEST(Generations, NoCallFreesMany) {
  Numbers numbers(2'000);
  const auto value = std::make_shared<int>(0);
  long held = value.use_count();
  for (int i = 0; i < 20'000; ++i) {
    numbers.insert(i, value);
    ASSERT_GE(value.use_count(), held - 1) << i;  // one came, two went
    held = value.use_count();
    ASSERT_LE(held, 1 + 3'000);
  }
  EXPECT_LE(held, 1 + 3'000);
}

TEST(Generations, ClearForgetsEverythingAndKeepsTheBound) {
  Numbers numbers(100);
  const auto value = std::make_shared<int>(0);
  for (int i = 0; i < 170; ++i) numbers.insert(i, value);
  numbers.clear();
  EXPECT_EQ(numbers.size(), 0U);
  EXPECT_EQ(value.use_count(), 1);
  for (int i = 0; i < 1'000; ++i) {
    numbers.insert(i, value);
    ASSERT_LE(numbers.size(), 100U);
  }
}

TEST(Generations, TheSmallestHoldsTwo) {
  Numbers numbers(0);
  for (int i = 0; i < 10; ++i) {
    numbers.insert(i, std::make_shared<int>(i));
    EXPECT_LE(numbers.size(), 2U);
    EXPECT_EQ(**numbers.find(i), i);
  }
}

}  // namespace
}  // namespace playhead
