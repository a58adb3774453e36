// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import java.nio.ByteBuffer;

/** Finds the method in a block of HPACK (RFC 7541) by its place in the static table; every other field is stepped over. */
final class HpackMethod {
    private static final int GET = 2;
    private static final int POST = 3;

    private final ByteBuffer block;

    HpackMethod(ByteBuffer block) {
        this.block = block;
    }

    /** {@code GET}, {@code POST}, or {@code OTHER}. */
    String read() {
        while (block.hasRemaining()) {
            int first = block.get() & 0xff;
            if ((first & 0x80) != 0) {
                int index = number(first, 7);
                if (index == GET || index == POST) {
                    return index == GET ? "GET" : "POST";
                }
            } else if ((first & 0x40) != 0) {
                skipLiteral(number(first, 6));
            } else if ((first & 0x20) != 0) {
                int unusedTableSize = number(first, 5);
            } else {
                skipLiteral(number(first, 4));
            }
        }
        return "OTHER";
    }

    private void skipLiteral(int nameIndex) {
        if (nameIndex == 0) {
            skipString();
        }
        skipString();
    }

    private void skipString() {
        int length = number(block.get() & 0xff, 7);
        block.position(block.position() + length);
    }

    /** An integer whose first bits are the low ones of a byte already read. */
    private int number(int first, int bits) {
        int mask = (1 << bits) - 1;
        int value = first & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; ; shift += 7) {
            int next = block.get() & 0xff;
            value += (next & 0x7f) << shift;
            if ((next & 0x80) == 0) {
                return value;
            }
        }
    }
}
