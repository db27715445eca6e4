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

    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 16,

    /// <summary>4 bits, unsigned, two to a byte, the first in the low half.</summary>
    UInt4 = 21,

    /// <summary>4 bits, signed, two to a byte, the first in the low half.</summary>
    Int4 = 22,
}
