using System.Buffers.Binary;
using CsCheck;
using Kneepoint.Data;
using Kneepoint.Data.Formats;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Data.Formats;

public sealed class ArrayFileTests
{
    [Theory]
    [InlineData("|b1", ElementType.Bool, 1)]
    [InlineData("|u1", ElementType.UInt8, 1)]
    [InlineData("|i1", ElementType.Int8, 1)]
    [InlineData("<u2", ElementType.UInt16, 2)]
    [InlineData("<i2", ElementType.Int16, 2)]
    [InlineData("<u4", ElementType.UInt32, 4)]
    [InlineData("<i4", ElementType.Int32, 4)]
    [InlineData("<u8", ElementType.UInt64, 8)]
    [InlineData("<i8", ElementType.Int64, 8)]
    [InlineData("<f2", ElementType.Float16, 2)]
    [InlineData("<f4", ElementType.Float32, 4)]
    [InlineData("<f8", ElementType.Float64, 8)]
    public void Npy_gives_back_type_shape_and_bytes(string descr, ElementType type, int width)
    {
        using var folder = new DataFolder();
        byte[] bytes = [.. Enumerable.Range(1, 6 * width).Select(i => (byte)i)];
        for (int version = 1; version <= 3; version++)
        {
            folder.WriteNpy<byte>("x.npy", descr, [2, 3], bytes, version);

            var file = ArrayFile.Open(folder["x.npy"]);

            Assert.Equal(type, file.ElementType);
            Assert.Equal([2L, 3L], file.Dimensions);
            Assert.Equal(bytes, Rows(file));
        }
    }

    [Fact]
    public void Big_endian_elements_are_turned()
    {
        using var folder = new DataFolder();
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 1);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), -2);
        folder.WriteNpy<byte>("x.npy", ">i4", [2], bytes);

        byte[] rows = Rows(ArrayFile.Open(folder["x.npy"]));

        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(rows));
        Assert.Equal(-2, BinaryPrimitives.ReadInt32LittleEndian(rows.AsSpan(4)));
    }

    [Fact]
    public void Idx_is_read_plain_and_through_gzip()
    {
        using var folder = new DataFolder();
        byte[] values = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
        byte[] idx = DataFolder.Idx(values, 2, 3, 4);
        foreach (byte[] bytes in new[] { idx, DataFolder.Gzip(idx) })
        {
            var file = ArrayFile.Open(folder.Write("x-idx3-ubyte", bytes));

            Assert.Equal([2L, 3L, 4L], file.Dimensions);
            Assert.Equal(values, Rows(file));
        }
    }

    [Fact]
    public void Npz_arrays_are_read_by_name()
    {
        using var folder = new DataFolder();
        folder.WriteZip("d.npz", ("a.npy", DataFolder.Npy<byte>("|u1", [2], [7, 8])), ("b.npy", DataFolder.Npy<byte>("|u1", [3], [1, 2, 3])));

        Assert.Equal(["a", "b"], ArrayFile.Names(folder["d.npz"]));
        Assert.Equal([1, 2, 3], Rows(ArrayFile.Open(folder["d.npz#b"])));
        Assert.Equal($"'{folder["d.npz"]}' holds no array 'c': it holds a, b.", Message(folder["d.npz#c"]));
    }

    [Theory]
    [InlineData("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 1), }", "Fortran order")]
    [InlineData("{'descr': '<U4', 'fortran_order': False, 'shape': (1,), }", "elements of type '<U4'")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "elements of type '|O'")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }", "expected a size")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,), }", "expected a size")]
    [InlineData("{'descr': '|u1', 'fortran_order': False}", "is missing")]
    [InlineData("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", "stands twice")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), } extra", "there is more")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "a single number")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 3), }", "is empty")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "truncated: its header announces")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 4294967296, 4294967296), }", "samples of more than")]
    [InlineData("", "expected '{'")]
    public void Malformed_headers_get_a_sentence(string header, string expected)
    {
        using var folder = new DataFolder();
        folder.Write("x.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header.Select(c => (byte)c), 5]);

        Assert.Contains(expected, Message(folder["x.npy"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_announces_more_than_gzip_can_hold_is_refused_before_it_is_read()
    {
        using var folder = new DataFolder();
        folder.Write("x-idx2-ubyte.gz", DataFolder.Gzip([0, 0, 8, 2, 0x7F, 0, 0, 0, 0x3F, 0, 0, 0, 1]));

        Assert.Contains("more than its compressed file can hold", Message(folder["x-idx2-ubyte.gz"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() => Assert.Equal("'/none/x.npy' does not exist.", Message("/none/x.npy"));

    [Fact]
    public void Damaged_files_give_a_sentence_and_nothing_else()
    {
        using var folder = new DataFolder();
        byte[][] whole =
        [
            DataFolder.Npy<byte>("<i2", [3, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
            DataFolder.Idx([1, 2, 3, 4, 5, 6], 3, 2),
            DataFolder.Gzip(DataFolder.Idx([1, 2, 3, 4, 5, 6], 3, 2)),
        ];
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 200], Gen.Byte, Gen.Bool).Sample((which, at, value, isCut) =>
        {
            byte[] bytes = [.. whole[which]];
            at %= bytes.Length;
            if (isCut) bytes = bytes[..at];
            else bytes[at] = value;
            ReadOrRefuse(folder.Write("x.npy", bytes));
        }, iter: 400, threads: 1);
    }

    static void ReadOrRefuse(string path)
    {
        try
        {
            Rows(ArrayFile.Open(path));
        }
        catch (DataException exception)
        {
            Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
        }
    }

    static byte[] Rows(ArrayFile file)
    {
        var source = new ArraySource([("x", file)]);
        var block = new SampleBlock(source.Fields);
        using var reader = source.Open();
        var rows = new List<byte>();
        for (long i = 0; i < Math.Min(source.Count, 100); i++)
        {
            block.Clear();
            reader.Read(block);
            rows.AddRange(block.Field(0, 0));
        }

        return [.. rows];
    }

    static string Message(string path) => Assert.Throws<DataException>(() => ArrayFile.Open(path)).Message;
}
