using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>Reads and writes the numbers of initializers and tensor attributes, wherever the file keeps them.</summary>
/// <remarks>
/// The format has three places for the same numbers: raw bytes, one of five typed lists, or a file beside the model. Types narrower
/// than their list hold one number per entry, bfloat16 and float16 as their bits, and types of less than a byte one whole byte per entry.
/// Lengths are checked against the shape before anything is allocated.
/// </remarks>
public static class TensorData
{
    /// <summary>The type of the elements.</summary>
    public static ElementType TypeOf(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return (ElementType)tensor.DataType;
    }

    /// <summary>The number of elements.</summary>
    /// <exception cref="OnnxModelException">A dimension is negative or the product overflows.</exception>
    public static long Count(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Tensor.TryCount([.. tensor.Dims], out long count)
            ? count
            : throw new OnnxModelException($"{Place(tensor)}: expected dimensions of at least 0 and at most 2^56 elements, found {Shape(tensor)}.");
    }

    /// <summary>The bytes of the elements as the format packs them; texts count with their own length.</summary>
    /// <exception cref="OnnxModelException">The shape or the type is not one of the format.</exception>
    public static long StoredBytes(TensorProto tensor)
    {
        long count = Count(tensor);
        var type = TypeOf(tensor);
        if (type == ElementType.String) return tensor.StringData.Sum(text => (long)text.Length);
        return ((Int128)count * BitsOf(tensor, type) + 7) / 8 is var bytes && bytes <= long.MaxValue ? (long)bytes : long.MaxValue;
    }

    /// <summary>Reads the elements as they are stored.</summary>
    /// <param name="tensor">The initializer.</param>
    /// <param name="model">The model it belongs to: external data is read from this model's folder.</param>
    /// <returns>A tensor that owns its bytes.</returns>
    /// <exception cref="OnnxModelException">Type, shape and data do not fit each other, the external file is missing, or the type is text.</exception>
    public static Tensor Read(TensorProto tensor, OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var type = TypeOf(tensor);
        long length = StoredBytes(tensor);
        if (type == ElementType.String) throw new OnnxModelException($"{Place(tensor)}: expected numbers, found text.");
        byte[] bytes = ReadBytes(tensor, model.Folder, type, Length(tensor, length));
        return new Tensor(type, [.. tensor.Dims], bytes);
    }

    /// <summary>Reads floating-point elements as binary32; float64 is rounded to nearest, ties to even.</summary>
    /// <exception cref="OnnxModelException">The elements are no floating-point numbers, or do not fit type and shape.</exception>
    public static float[] ReadFloat32(TensorProto tensor, OnnxModel model)
    {
        var type = TypeOf(tensor);
        if (type is not (ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64))
        {
            throw new OnnxModelException($"{Place(tensor)}: expected floating-point numbers, found {type}.");
        }

        if (type != ElementType.Float32 || !IsExternal(tensor) && !tensor.HasRawData) return ToFloat32(Read(tensor, model));
        // Straight into the array, since a layer of a large network may take a gigabyte.
        return ReadStored<float>(tensor, model.Folder, type, Length(tensor, StoredBytes(tensor)));
    }

    /// <summary>The elements of a floating-point tensor as binary32; float64 is rounded to nearest, ties to even.</summary>
    /// <exception cref="ArgumentException">The elements are no floating-point numbers of 16, 32 or 64 bits.</exception>
    public static float[] ToFloat32(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        float[] values = new float[tensor.ElementCount];
        switch (tensor.ElementType)
        {
            case ElementType.Float32:
                tensor.Values<float>().CopyTo(values);
                break;
            case ElementType.Float16:
                var halves = tensor.Values<Half>();
                for (int i = 0; i < values.Length; i++) values[i] = (float)halves[i];
                break;
            case ElementType.BFloat16:
                var uppers = tensor.Values<ushort>();
                for (int i = 0; i < values.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)uppers[i] << 16);
                break;
            case ElementType.Float64:
                var doubles = tensor.Values<double>();
                for (int i = 0; i < values.Length; i++) values[i] = (float)doubles[i];
                break;
            default:
                throw new ArgumentException($"Expected floating-point numbers, found {tensor.ElementType}.", nameof(tensor));
        }

        return values;
    }

    /// <summary>Reads integer or Boolean elements as 64-bit integers.</summary>
    /// <exception cref="OnnxModelException">The elements are no integers, or do not fit type and shape.</exception>
    public static long[] ReadInt64(TensorProto tensor, OnnxModel model)
    {
        var values = Read(tensor, model);
        long[] result = new long[values.ElementCount];
        var bytes = values.Bytes.Span;
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = values.ElementType switch
            {
                ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * 8)..]),
                ElementType.UInt64 => (long)BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * 8)..]),
                ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]),
                ElementType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * 4)..]),
                ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes[(i * 2)..]),
                ElementType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]),
                ElementType.Int8 => (sbyte)bytes[i],
                ElementType.UInt8 or ElementType.Bool => bytes[i],
                ElementType.UInt4 => (bytes[i / 2] >> (i % 2 * 4)) & 0xF,
                ElementType.Int4 => (sbyte)((bytes[i / 2] >> (i % 2 * 4)) << 4) >> 4,
                _ => throw new OnnxModelException($"{Place(tensor)}: expected integers, found {values.ElementType}."),
            };
        }

        return result;
    }

    /// <summary>Makes an initializer with raw bytes; the tensor's bytes are copied.</summary>
    public static TensorProto Write(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var proto = new TensorProto { Name = name, DataType = (int)tensor.ElementType };
        proto.Dims.AddRange(tensor.Dimensions);
        proto.RawData = ByteString.CopyFrom(tensor.Bytes.Span);
        return proto;
    }

    /// <summary>Gives a tensor other numbers of its type and shape.</summary>
    /// <param name="tensor">Of binary32; changed.</param>
    /// <param name="values">As many as it has elements.</param>
    internal static void Overwrite(TensorProto tensor, float[] values)
    {
        tensor.FloatData.Clear();
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    /// <summary>Where a tensor is, for sentences: "Initializer 'conv1.weight'".</summary>
    internal static string Place(TensorProto tensor) => tensor.Name.Length > 0 ? $"Initializer '{tensor.Name}'" : "A tensor attribute";

    internal static string Shape(TensorProto tensor) => $"[{string.Join(", ", tensor.Dims.Select(Number))}]";

    internal static bool IsExternal(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External;

    static int Length(TensorProto tensor, long bytes) => bytes <= Array.MaxLength
        ? (int)bytes
        : throw new OnnxModelException($"{Place(tensor)}: {Shape(tensor)} takes {Number(bytes)} bytes; at most {Number(Array.MaxLength)} are read as one tensor.");

    static byte[] ReadBytes(TensorProto tensor, string? folder, ElementType type, int length) =>
        IsExternal(tensor) || tensor.HasRawData ? ReadStored<byte>(tensor, folder, type, length) : ReadTyped(tensor, type, length);

    // The length is checked against what is there before anything is allocated.
    static T[] ReadStored<T>(TensorProto tensor, string? folder, ElementType type, int length) where T : unmanaged
    {
        ExternalData.Part? file = IsExternal(tensor) ? ExternalData.Locate(tensor, folder, length) : null;
        if (file is null && tensor.RawData.Length != length)
        {
            throw Mismatch(tensor, type, $"{Number(length)} bytes", $"{Number(tensor.RawData.Length)} bytes of raw data");
        }

        T[] values = GC.AllocateUninitializedArray<T>(length / Unsafe.SizeOf<T>());
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        if (file is { } part) ExternalData.Read(part, bytes);
        else tensor.RawData.Span.CopyTo(bytes);
        return values;
    }

    static byte[] ReadTyped(TensorProto tensor, ElementType type, int length) => type switch
    {
        ElementType.Float32 or ElementType.Complex64 => Pack<float>(tensor, type, length, tensor.FloatData, "float_data"),
        ElementType.Float64 or ElementType.Complex128 => Pack<double>(tensor, type, length, tensor.DoubleData, "double_data"),
        ElementType.Int64 => Pack<long>(tensor, type, length, tensor.Int64Data, "int64_data"),
        ElementType.UInt64 => Pack<ulong>(tensor, type, length, tensor.Uint64Data, "uint64_data"),
        ElementType.UInt32 => Narrow(tensor, type, length, 4, "uint64_data", tensor.Uint64Data.Count, i => (Int128)tensor.Uint64Data[i]),
        ElementType.Int32 => Pack<int>(tensor, type, length, tensor.Int32Data, "int32_data"),
        _ => Narrow(tensor, type, length, Tensor.Bits(type) == 16 ? 2 : 1, "int32_data", tensor.Int32Data.Count, i => tensor.Int32Data[i]),
    };

    static byte[] Pack<T>(TensorProto tensor, ElementType type, int length, IReadOnlyCollection<T> list, string field) where T : unmanaged
    {
        CheckCount(tensor, type, length / Marshal.SizeOf<T>(), list.Count, field);
        T[] values = [.. list];
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    static byte[] Narrow(TensorProto tensor, ElementType type, int length, int width, string field, int found, Func<int, Int128> entry)
    {
        CheckCount(tensor, type, length / width, found, field);
        var (low, high) = Range(type, width);
        byte[] bytes = new byte[length];
        for (int i = 0; i < found; i++)
        {
            var value = entry(i);
            if (value < low || value > high)
            {
                throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                    $"{Place(tensor)}, {field} entry {i}: expected {low} to {high} for {type}, found {value}."));
            }

            for (int b = 0; b < width; b++) bytes[i * width + b] = (byte)(value >> (8 * b));
        }

        return bytes;
    }

    static (Int128 Low, Int128 High) Range(ElementType type, int width) => type switch
    {
        ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ElementType.Int16 => (short.MinValue, short.MaxValue),
        ElementType.Bool => (0, 1),
        // Packed signed nibbles are written by some as signed bytes, by others as unsigned ones; the bits are the same.
        ElementType.Int4 or ElementType.Int2 => (sbyte.MinValue, byte.MaxValue),
        _ => (0, ((Int128)1 << (8 * width)) - 1),
    };

    static void CheckCount(TensorProto tensor, ElementType type, int expected, int found, string field)
    {
        if (found != expected) throw Mismatch(tensor, type, $"{Number(expected)} entries", $"{Number(found)} in {field}");
    }

    static int BitsOf(TensorProto tensor, ElementType type) => Tensor.Bits(type) is > 0 and int bits
        ? bits
        : throw new OnnxModelException($"{Place(tensor)}: element type {Number((int)type)} is not one of the format.");

    static OnnxModelException Mismatch(TensorProto tensor, ElementType type, string expected, string found) =>
        new($"{Place(tensor)}: {type} {Shape(tensor)} takes {expected}, the file holds {found}.");

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
