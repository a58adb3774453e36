// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/** A stack of numbers: the number that was pushed last is popped first. For one thread. */
final class IntStack {
    private static final int LENGTH = 16;

    private int[] numbers = new int[LENGTH];
    private int count;

    /** A stack of these numbers, the last one on top. */
    static IntStack of(int[] numbers) {
        IntStack stack = new IntStack();
        stack.numbers = Arrays.copyOf(numbers, numbers.length + LENGTH);
        stack.count = numbers.length;
        return stack;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int size() {
        return count;
    }

    /** The number at a place; the oldest is at place 0. */
    int get(int place) {
        return numbers[place];
    }

    void push(int number) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, count * 2);
        }
        numbers[count++] = number;
    }

    int pop() {
        return numbers[--count];
    }

    /** The oldest first. */
    int[] toArray() {
        return Arrays.copyOf(numbers, count);
    }
}
