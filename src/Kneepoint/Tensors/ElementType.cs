namespace Kneepoint.Tensors;

/// <summary>The type of a tensor's elements; the numbers are those of the ONNX format.</summary>
public enum ElementType
{
    /// <summary>Not stated.</summary>
    Undefined = 0,

    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 1,

    /// <summary>8 bits, unsigned.</summary>
    UInt8 = 2,

    /// <summary>8 bits, signed.</summary>
    Int8 = 3,

    /// <summary>16 bits, unsigned.</summary>
    UInt16 = 4,

    /// <summary>16 bits, signed.</summary>
    Int16 = 5,

    /// <summary>32 bits, signed.</summary>
    Int32 = 6,

    /// <summary>64 bits, signed.</summary>
    Int64 = 7,

    /// <summary>Text; has no fixed width.</summary>
    String = 8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 10,

    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 11,

    /// <summary>32 bits, unsigned.</summary>
    UInt32 = 12,

    /// <summary>64 bits, unsigned.</summary>
    UInt64 = 13,

    /// <summary>Two binary32: real, imaginary.</summary>
    Complex64 = 14,

    /// <summary>Two binary64: real, imaginary.</summary>
    Complex128 = 15,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 16,

    /// <summary>8 bits: sign, 4 of exponent, 3 of fraction; no infinity.</summary>
    Float8E4M3FN = 17,

    /// <summary>8 bits: sign, 4 of exponent, 3 of fraction; no infinity, no negative zero.</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>8 bits: sign, 5 of exponent, 2 of fraction.</summary>
    Float8E5M2 = 19,

    /// <summary>8 bits: sign, 5 of exponent, 2 of fraction; no infinity, no negative zero.</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>4 bits, unsigned, two to a byte, the first in the low half.</summary>
    UInt4 = 21,

    /// <summary>4 bits, signed, two to a byte, the first in the low half.</summary>
    Int4 = 22,

    /// <summary>4 bits: sign, 2 of exponent, 1 of fraction; two to a byte, the first in the low half.</summary>
    Float4E2M1 = 23,

    /// <summary>8 bits of exponent: powers of two.</summary>
    Float8E8M0 = 24,

    /// <summary>2 bits, unsigned, four to a byte, the first in the lowest bits.</summary>
    UInt2 = 25,

    /// <summary>2 bits, signed, four to a byte, the first in the lowest bits.</summary>
    Int2 = 26,
}
